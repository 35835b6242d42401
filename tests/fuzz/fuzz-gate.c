/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "base/json.h"

/* What the gate lets through json-glib must read, and what is then written must pass again. */

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) again = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GBytes) written = NULL;
  g_autoptr (GBytes) rewritten = NULL;

  if (!plaza_json_check ((const char *) data, size, NULL, NULL))
    return 0;
  node = plaza_json_parse (bytes, NULL, &error);
  if (node == NULL)
    fuzz_fail ("json-glib refused");
  written = plaza_json_write (node);
  again = plaza_json_parse (written, NULL, &error);
  if (again == NULL)
    fuzz_fail ("what was written is refused");
  rewritten = plaza_json_write (again);
  if (!g_bytes_equal (written, rewritten))
    fuzz_fail ("the canonical form is not stable");
  return 0;
}
