/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>

#include "base/error.h"
#include "cli/bulk.h"
#include "store/joining.h"
#include "sync/campaign-watch.h"
#include "sync/delivery.h"

typedef struct
{
  PlazaProfile *profile;
  PlazaDelivery *delivery;
  PlazaCliProgress progress;
  gboolean time_is_up;
} Watch;

static void
on_progress (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  Watch *watch = user_data;

  plaza_cli_progress_show (&watch->progress, plaza_delivery_get_message (watch->delivery),
                           plaza_delivery_get_progress (watch->delivery));
}

static gboolean
on_stop (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_time_up (gpointer user_data)
{
  ((Watch *) user_data)->time_is_up = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Why the central takes nothing from this profile, and what to do, where that is known. */
static const char *
words_for_refusal (PlazaProfile *profile)
{
  if (plaza_profile_is_revoked (profile))
    return _ ("This device was taken out of use. Nothing is lost: save to USB and hand it "
              "to your coordinator.");
  if (plaza_profile_get_registration_state (profile, NULL) == PLAZA_REGISTRATION_REFUSED)
    return _ ("The central refused the code of this device. What it did is kept: ask "
              "your coordinator for a new code and join again with it.");
  return NULL;
}

static gboolean
one_round (Watch *watch, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plaza_delivery_round_async (watch->delivery, cancellable, plaza_cli_done, &result);
  plaza_cli_wait (&result);
  if (plaza_delivery_round_finish (watch->delivery, result, error))
    return TRUE;
  const char *refusal = error && g_error_matches (*error, PLAZA_ERROR, PLAZA_ERROR_REFUSED)
                            ? words_for_refusal (watch->profile)
                            : NULL;
  if (refusal)
    {
      g_clear_error (error);
      return plaza_throw_words (error, PLAZA_ERROR_REFUSED, "%s", refusal);
    }
  if (plaza_delivery_get_problem (watch->delivery) != PLAZA_DELIVERY_CLOCK)
    return FALSE;
  PlazaError code =
      error && (*error)->domain == PLAZA_ERROR ? (PlazaError) (*error)->code : PLAZA_ERROR_PORTAL;
  g_clear_error (error);
  return plaza_throw_words (error, code, "%s",
                            _ ("Check the date of this computer: it does not fit the central's"));
}

/* With --wait: as the window does, until nothing waits any more or the time is up. */
static gboolean
until_done (Watch *watch, guint seconds, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  guint timer = g_timeout_add_seconds (seconds, on_time_up, watch);

  plaza_delivery_start (watch->delivery);
  /* Somebody asked: neither the battery nor the price of the network pauses it. */
  plaza_delivery_now (watch->delivery);
  while (plaza_delivery_get_state (watch->delivery) != PLAZA_DELIVERY_IDLE && !watch->time_is_up &&
         !g_cancellable_is_cancelled (cancellable))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);

  gboolean done = plaza_delivery_get_state (watch->delivery) == PLAZA_DELIVERY_IDLE;
  PlazaDeliveryProblem problem = plaza_delivery_get_problem (watch->delivery);
  g_autofree char *message = g_strdup (plaza_delivery_get_message (watch->delivery));
  plaza_delivery_stop_async (watch->delivery, cancellable, plaza_cli_done, &result);
  plaza_cli_wait (&result);
  plaza_delivery_stop_finish (watch->delivery, result, NULL);
  if (done)
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  static const PlazaError codes[] = {
    [PLAZA_DELIVERY_NO_PROBLEM] = PLAZA_ERROR_OFFLINE,
    [PLAZA_DELIVERY_OFFLINE] = PLAZA_ERROR_OFFLINE,
    [PLAZA_DELIVERY_PORTAL] = PLAZA_ERROR_PORTAL,
    [PLAZA_DELIVERY_CLOCK] = PLAZA_ERROR_PORTAL,
    [PLAZA_DELIVERY_BUSY] = PLAZA_ERROR_OFFLINE,
    [PLAZA_DELIVERY_TOKEN] = PLAZA_ERROR_REFUSED,
    [PLAZA_DELIVERY_REVOKED] = PLAZA_ERROR_REFUSED,
    [PLAZA_DELIVERY_RECEIPT] = PLAZA_ERROR_SIGNATURE,
    [PLAZA_DELIVERY_LAPTOP] = PLAZA_ERROR_DISK,
    [PLAZA_DELIVERY_METERED] = PLAZA_ERROR_OFFLINE,
    [PLAZA_DELIVERY_BATTERY] = PLAZA_ERROR_OFFLINE,
  };
  return plaza_throw_words (error, codes[problem], "%s", message);
}

gboolean
plaza_cli_deliver (PlazaProfile *profile, gboolean hand_in, guint seconds, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (profile);
  Watch watch = { .profile = profile, .delivery = delivery };

  plaza_cli_progress_init (&watch.progress);
  gulong handler = g_signal_connect (delivery, "notify", G_CALLBACK (on_progress), &watch);
  guint interrupt = g_unix_signal_add (SIGINT, on_stop, cancellable);
  guint terminate = g_unix_signal_add (SIGTERM, on_stop, cancellable);
  plaza_delivery_set_hand_in (delivery, hand_in);
  gboolean ok = seconds > 0 ? until_done (&watch, seconds, cancellable, error)
                            : one_round (&watch, cancellable, error);
  g_signal_handler_disconnect (delivery, handler);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  plaza_cli_progress_end (&watch.progress);
  return ok;
}

/* Now that the central is there: a newer package of the campaign, at most every few hours. Without
 * one, or with trouble on the way, the next delivery will do. */
static gboolean
renew_campaign (PlazaProfile *profile, PlazaDelivery *delivery)
{
  g_autoptr (PlazaCampaignWatch) watch = plaza_campaign_watch_new (profile);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean newer = FALSE;

  if (!plaza_campaign_watch_is_due (watch))
    return FALSE;
  plaza_campaign_watch_set_client (watch, plaza_delivery_get_client (delivery));
  plaza_campaign_watch_check_async (watch, NULL, plaza_cli_done, &result);
  plaza_cli_wait (&result);
  if (!plaza_campaign_watch_check_finish (watch, result, &newer, &error))
    g_debug ("the campaign was not asked for: %s", error->message);
  return newer;
}

static void
report (PlazaCli *cli, PlazaDelivery *delivery, gboolean newer)
{
  guint delivered = plaza_delivery_get_delivered (delivery);
  guint carried = plaza_delivery_get_carried (delivery);
  guint aside = plaza_delivery_get_set_aside (delivery);

  if (!cli->json)
    {
      g_print (_ ("Delivered now, with receipts: %u\n"), delivered);
      if (carried)
        g_print (_ ("Envelopes delivered for other profiles: %u\n"), carried);
      if (aside)
        g_print (_ ("Envelopes the central refused, kept here: %u\n"), aside);
      if (newer)
        g_print ("%s\n", _ ("A newer version of the campaign arrived and is in use."));
      return;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_add_int_value (plaza_cli_member (builder, "delivered"), delivered);
  json_builder_add_int_value (plaza_cli_member (builder, "carried"), carried);
  json_builder_add_int_value (plaza_cli_member (builder, "set_aside"), aside);
  json_builder_add_int_value (plaza_cli_member (builder, "waiting"),
                              plaza_delivery_get_waiting (delivery));
  json_builder_add_boolean_value (plaza_cli_member (builder, "campaign_renewed"), newer);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
}

/* "--from A B C", as a shell writes out "--from *". */
static void
add_folders (GStrv *from, char **more)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_addv (builder, (const char **) *from);
  g_strv_builder_addv (builder, (const char **) more);
  g_strfreev (*from);
  *from = g_strv_builder_end (builder);
}

int
plaza_command_deliver (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("deliver");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gboolean hand_in = FALSE;
  gboolean again = FALSE;
  int seconds = 0;
  g_auto (GStrv) from = NULL;
  g_autofree char *csv = NULL;
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &from,
      N_ ("Take the envelopes of this folder along, and say what became of each; may be repeated"),
      N_ ("FOLDER") },
    { "csv", 0, 0, G_OPTION_ARG_FILENAME, &csv, N_ ("With --from: write that as a table too"),
      N_ ("FILE") },
    { "hand-in", 0, 0, G_OPTION_ARG_NONE, &hand_in,
      N_ ("End of the fieldwork: send the last few contacts too"), NULL },
    { "again", 0, 0, G_OPTION_ARG_NONE, &again,
      N_ ("Send once more what the central refused before"), NULL },
    { "wait", 0, 0, G_OPTION_ARG_INT, &seconds, N_ ("Keep trying for so many seconds"),
      N_ ("SECONDS") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_cli_parse (&cli, NULL, entries, &argc, &argv))
    return PLAZA_EXIT_USAGE;
  if ((argc != 1 && !from) || seconds < 0 || (csv && !from))
    return plaza_cli_usage (&cli, "%s", _ ("nothing more is expected"));
  if (argc > 1)
    add_folders (&from, argv + 1);
  g_autoptr (PlazaProfile) profile = plaza_cli_open (&cli, &error);
  if (!profile)
    return plaza_cli_fail (&cli, error);

  g_auto (PlazaCliBulk) bulk = { .csv = csv };
  if (csv && !plaza_cli_bulk_check (&bulk, &cli))
    return plaza_cli_close (&cli, profile, PLAZA_EXIT_FAILED);
  int status = PLAZA_EXIT_OK;
  guint interrupt = g_unix_signal_add (SIGINT, on_stop, cancellable);
  guint terminate = g_unix_signal_add (SIGTERM, on_stop, cancellable);
  if (from)
    status = plaza_cli_bulk_read (&bulk, &cli, profile, (const char *const *) from, cancellable);
  if (status != PLAZA_EXIT_OK)
    {
      g_source_remove (interrupt);
      g_source_remove (terminate);
      return plaza_cli_close (&cli, profile, status);
    }

  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (profile);
  Watch watch = { .profile = profile, .delivery = delivery };
  plaza_cli_progress_init (&watch.progress);
  g_signal_connect (delivery, "notify", G_CALLBACK (on_progress), &watch);
  plaza_delivery_set_hand_in (delivery, hand_in);
  gboolean ok = !again || plaza_delivery_take_back (delivery, &error);
  if (ok)
    ok = seconds > 0 ? until_done (&watch, (guint) seconds, cancellable, &error)
                     : one_round (&watch, cancellable, &error);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  plaza_cli_progress_end (&watch.progress);

  if (from)
    status = plaza_cli_bulk_report (&bulk, &cli, error);
  else if (ok)
    {
      report (&cli, delivery, renew_campaign (profile, delivery));
      if (plaza_delivery_get_set_aside (delivery) > 0)
        status = PLAZA_EXIT_PARTLY;
    }
  else
    status = plaza_cli_fail (&cli, error);
  g_clear_object (&delivery);
  return plaza_cli_close (&cli, profile, status);
}
