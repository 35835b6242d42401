/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is told of devices reads back as it was written, and nothing else does. */
#include <string.h>

#include "base/error.h"
#include "wire/device-list.h"

#define DEVICE "\"device\":\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\""
#define REST \
  "\"person\":\"Ana\",\"organisation\":\"\",\"role\":\"facilitator\"," \
  "\"enrolled\":\"2026-01-02T03:04:05.000Z\",\"envelopes\":1,\"entries\":2,\"quarantined\":0," \
  "\"newest_sequence\":9"

static GPtrArray *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return plaza_device_list_parse (bytes, error);
}

static void
test_round_trip (void)
{
  g_autoptr (GPtrArray) devices =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_device_summary_free);
  g_autoptr (GPtrArray) back = NULL;
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GError) error = NULL;
  PlazaSequenceRange range = { 3, G_MAXINT64 };
  PlazaDeviceSummary *summary = plaza_device_summary_new ();

  summary->device = g_strdup ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  summary->person = g_strdup ("Ana \"Ñ\" Pérez");
  summary->organisation = g_strdup ("a");
  summary->role = g_strdup ("coordinator");
  summary->enrolled = g_strdup ("2026-01-02T03:04:05.000Z");
  summary->revoked = g_strdup ("2026-02-03T04:05:06.000Z");
  summary->reason = g_strdup ("");
  summary->entries = 12;
  g_array_append_val (summary->missing, range);
  g_ptr_array_add (devices, summary);
  json = plaza_device_list_to_json (devices);
  back = plaza_device_list_parse (json, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->len, ==, 1);
  summary = back->pdata[0];
  g_assert_cmpstr (summary->person, ==, "Ana \"Ñ\" Pérez");
  g_assert_null (summary->last_seen);
  g_assert_cmpuint (summary->entries, ==, 12);
  g_assert_cmpuint (g_array_index (summary->missing, PlazaSequenceRange, 0).to, ==, G_MAXINT64);
  again = plaza_device_list_to_json (back);
  g_assert_true (g_bytes_equal (json, again));
}

static void
test_refused (void)
{
  static const char *const bad[] = {
    "{}",
    "{\"devices\":{}}",
    "{\"devices\":[1]}",
    "{\"devices\":[],\"next\":1}",
    "{\"devices\":[{" REST ",\"missing\":[]}]}",
    "{\"devices\":[{" DEVICE "," REST "}]}",
    "{\"devices\":[{" DEVICE "," REST ",\"missing\":[],\"token\":\"x\"}]}",
    "{\"devices\":[{" DEVICE "," REST ",\"missing\":[[1]]}]}",
    "{\"devices\":[{" DEVICE "," REST ",\"missing\":[[2,1]]}]}",
    "{\"devices\":[{" DEVICE "," REST ",\"missing\":[[0,1]]}]}",
    "{\"devices\":[{" DEVICE "," REST ",\"missing\":[[1.5,2]]}]}",
    "{\"devices\":[{" DEVICE "," REST ",\"missing\":[[\"1\",2]]}]}",
    "{\"devices\":[{" DEVICE "," REST ",\"missing\":[],\"revoked\":\"yes\"}]}",
  };
  g_autoptr (GPtrArray) good = NULL;
  g_autoptr (GError) right = NULL;

  good = parse ("{\"devices\":[{" DEVICE "," REST ",\"missing\":[[1,2],[4,4]]}]}", &right);
  g_assert_no_error (right);
  g_assert_cmpuint (((PlazaDeviceSummary *) good->pdata[0])->missing->len, ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_null (parse (bad[i], &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
    }
}

static void
test_revocation (void)
{
  g_autoptr (GBytes) json = plaza_revocation_to_json ("Se perdió en Juchitán");
  g_autofree char *reason = plaza_revocation_parse (json, NULL);
  g_autofree char *chars = g_strnfill (PLAZA_REVOCATION_MAX_CHARS + 1, 'x');
  g_autoptr (GBytes) longer = plaza_revocation_to_json (chars);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("{}", 2);

  g_assert_cmpstr (reason, ==, "Se perdió en Juchitán");
  g_assert_null (plaza_revocation_parse (longer, NULL));
  g_assert_null (plaza_revocation_parse (nothing, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device-list/round-trip", test_round_trip);
  g_test_add_func ("/device-list/refused", test_refused);
  g_test_add_func ("/device-list/revocation", test_revocation);
  return g_test_run ();
}
