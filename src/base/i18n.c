/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/i18n.h"

#include <langinfo.h>
#include <libintl.h>
#include <locale.h>

void
plaza_i18n_init (const char *domain, const char *folder)
{
  const char *chosen = g_getenv ("PLAZA_LOCALEDIR");

  if (setlocale (LC_ALL, "") == NULL || !g_str_equal (nl_langinfo (CODESET), "UTF-8"))
    setlocale (LC_ALL, "C.UTF-8");
  bindtextdomain (domain, chosen != NULL && *chosen != '\0' ? chosen : folder);
  bind_textdomain_codeset (domain, "UTF-8");
  textdomain (domain);
}
