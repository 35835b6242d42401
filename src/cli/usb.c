/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>

#include "base/error.h"
#include "cli/bulk.h"

static void
on_progress (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  PlazaStick *stick = PLAZA_STICK (object);

  plaza_cli_progress_show (user_data, plaza_stick_get_message (stick),
                           plaza_stick_get_progress (stick));
}

static gboolean
on_stop (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_CONTINUE;
}

static void
add_kind (JsonBuilder *builder, PlazaStick *stick, PlazaStickKind kind)
{
  json_builder_begin_object (plaza_cli_member (builder, plaza_stick_kind_name (kind)));
  for (int fate = 0; fate < PLAZA_STICK_N_FATES; fate++)
    json_builder_add_int_value (plaza_cli_member (builder, plaza_stick_fate_name (fate)),
                                plaza_stick_count (stick, kind, fate));
  json_builder_end_object (builder);
}

static void
add_item (JsonBuilder *builder, const PlazaStickItem *item)
{
  json_builder_begin_object (builder);
  json_builder_add_string_value (plaza_cli_member (builder, "file"), item->path);
  json_builder_add_string_value (plaza_cli_member (builder, "kind"),
                                 plaza_stick_kind_name (item->kind));
  json_builder_add_string_value (plaza_cli_member (builder, "result"),
                                 plaza_stick_fate_name (item->fate));
  if (item->fate == PLAZA_STICK_REFUSED)
    json_builder_add_string_value (plaza_cli_member (builder, "reason"),
                                   plaza_stick_reason_name (item->reason));
  json_builder_end_object (builder);
}

static void
report (PlazaCli *cli, PlazaStick *stick)
{
  GPtrArray *items = plaza_stick_get_items (stick);
  g_autofree char *words = plaza_stick_describe (stick);

  plaza_cli_stick_refusals (stick);
  if (!cli->json)
    {
      g_print ("%s\n", words);
      if (plaza_stick_get_delivered (stick) > 0)
        g_print (_ ("Delivered now, with receipts: %u\n"), plaza_stick_get_delivered (stick));
      return;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  for (int kind = 0; kind < PLAZA_STICK_N_KINDS; kind++)
    add_kind (builder, stick, kind);
  json_builder_add_int_value (plaza_cli_member (builder, "delivered"),
                              plaza_stick_get_delivered (stick));
  json_builder_add_boolean_value (plaza_cli_member (builder, "left_out"),
                                  plaza_stick_get_left_out (stick));
  json_builder_begin_array (plaza_cli_member (builder, "files"));
  for (guint i = 0; i < items->len; i++)
    add_item (builder, g_ptr_array_index (items, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
}

static gboolean
run (PlazaStick *stick, gboolean saving, const char *folder, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  const char *folders[] = { folder, NULL };
  guint interrupt = g_unix_signal_add (SIGINT, on_stop, cancellable);
  guint terminate = g_unix_signal_add (SIGTERM, on_stop, cancellable);
  PlazaCliProgress progress;

  plaza_cli_progress_init (&progress);
  g_signal_connect (stick, "notify", G_CALLBACK (on_progress), &progress);
  if (saving)
    plaza_stick_save_async (stick, folder, cancellable, plaza_cli_done, &result);
  else
    plaza_stick_read_async (stick, folders, cancellable, plaza_cli_done, &result);
  plaza_cli_wait (&result);
  g_signal_handlers_disconnect_by_data (stick, &progress);
  plaza_cli_progress_end (&progress);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  return saving ? plaza_stick_save_finish (stick, result, error)
                : plaza_stick_read_finish (stick, result, error);
}

gboolean
plaza_cli_stick_save (PlazaStick *stick, const char *folder, GError **error)
{
  return run (stick, TRUE, folder, error);
}

int
plaza_command_usb (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("usb");
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (PlazaStick) stick = NULL;
  g_autofree char *root = plaza_data_root ();
  g_autoptr (GError) error = NULL;
  gboolean hand_in = FALSE;
  gboolean sealed = FALSE;
  gboolean saving;
  int status = PLAZA_EXIT_OK;
  const GOptionEntry entries[] = {
    { "hand-in", 0, 0, G_OPTION_ARG_NONE, &hand_in,
      N_ ("End of the fieldwork: send the last few contacts too"), NULL },
    { "sealed", 0, 0, G_OPTION_ARG_NONE, &sealed,
      N_ ("Save only what is sealed already: no passphrase is needed"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_cli_parse (&cli, N_ ("save|read FOLDER"), entries, &argc, &argv))
    return PLAZA_EXIT_USAGE;
  if (argc != 3 || (!g_str_equal (argv[1], "save") && !g_str_equal (argv[1], "read")))
    return plaza_cli_usage (&cli, "%s", _ ("say “save” or “read”, and the folder of the stick"));
  saving = g_str_equal (argv[1], "save");
  /* Reading needs nobody; with a profile its receipts are taken in at once. */
  if (saving ? !sealed : cli.profile != NULL || cli.passphrase_file != NULL)
    {
      profile = plaza_cli_open (&cli, &error);
      if (profile == NULL)
        return plaza_cli_fail (&cli, error);
    }
  stick = plaza_stick_new (root, profile);
  plaza_stick_set_hand_in (stick, hand_in);
  if (!run (stick, saving, argv[2], &error))
    status = plaza_cli_stick_trouble (&cli, stick, error);
  else
    {
      report (&cli, stick);
      for (int kind = 0; kind < PLAZA_STICK_N_KINDS; kind++)
        if (plaza_stick_count (stick, kind, PLAZA_STICK_REFUSED) > 0)
          status = PLAZA_EXIT_PARTLY;
    }
  g_clear_object (&stick);
  return plaza_cli_close (&cli, profile, status);
}
