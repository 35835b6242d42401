/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "central/command.h"
#include "central/invite.h"
#include "central/qr.h"
#include "central/slips.h"

#define DEFAULT_HOURS (14 * 24)
#define MAX_LIST_BYTES (4 * 1024 * 1024)

typedef struct
{
  char *person;
  char *list;
  char *organisation;
  char *role;
  char *campaign;
  char *out;
  char *qr;
  char *language;
  int hours;
  int count;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->person);
  g_free (options->list);
  g_free (options->organisation);
  g_free (options->role);
  g_free (options->campaign);
  g_free (options->out);
  g_free (options->qr);
  g_free (options->language);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Who */

static GPtrArray *
find_invitees (PlazaCampaign *campaign, const Options *options, GError **error)
{
  GPtrArray *invitees;

  if (options->list != NULL)
    {
      g_autoptr (GBytes) bytes = plaza_file_read (options->list, MAX_LIST_BYTES, error);

      invitees = bytes != NULL ? plaza_invitees_parse (bytes, campaign, error) : NULL;
      if (invitees == NULL)
        plaza_error_name_subject (error, options->list);
      return invitees;
    }
  invitees = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_invitee_free);
  for (int i = 0; i < options->count; i++)
    g_ptr_array_add (invitees,
                     plaza_invitee_new (options->person, options->organisation, options->role));
  return invitees;
}

/* Handing out */

/* A file name that anybody's name can be part of. */
static char *
file_stem (const Options *options, const char *person, guint number, guint count)
{
  g_autofree char *ascii = g_str_to_ascii (person, "C");

  g_strcanon (ascii, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-", '-');
  if (options->list != NULL)
    return g_strdup_printf ("%04u-%s", number, ascii);
  return count > 1 ? g_strdup_printf ("%s-%u", ascii, number) : g_steal_pointer (&ascii);
}

static gboolean
write_in (
    const char *directory, const char *stem, const char *suffix, GBytes *bytes, GError **error)
{
  g_autofree char *name = g_strconcat (stem, suffix, NULL);
  g_autofree char *path = g_build_filename (directory, name, NULL);

  return bytes != NULL && plaza_dir_make (directory, error) &&
         plaza_file_write (path, bytes, error);
}

static gboolean
write_pictures (const Options *options, const char *stem, const PlazaJoinLink *link, GError **error)
{
  g_autofree char *uri = plaza_join_link_to_uri (link);
  g_autoptr (GBytes) png = plaza_qr_draw (uri, PLAZA_QR_PNG, error);
  g_autoptr (GBytes) svg = png != NULL ? plaza_qr_draw (uri, PLAZA_QR_SVG, error) : NULL;

  return svg != NULL && write_in (options->out, stem, ".png", png, error) &&
         write_in (options->out, stem, ".svg", svg, error);
}

/* What goes on a stick as it is: the folder Plaza. */
static gboolean
write_stick (PlazaCentral *central, PlazaCampaign *campaign, const Options *options, GError **error)
{
  g_autofree char *folder = g_build_filename (options->out, "Plaza", campaign->fingerprint, NULL);
  GBytes *package = plaza_campaign_package (campaign);
  g_autoptr (GBytes) invitations = plaza_invitations_file (central, campaign, error);

  return invitations != NULL && write_in (folder, "campaign", ".plzcmp", package, error) &&
         write_in (folder, "invitations", ".plzinv", invitations, error);
}

static gboolean
write_list (PlazaCentral *central,
            PlazaCampaign *campaign,
            const Options *options,
            GPtrArray *invitees,
            GError **error)
{
  g_autoptr (GBytes) slips = plaza_slips_draw (
      campaign, invitees, options->language != NULL ? options->language : "es", error);

  return slips != NULL && write_in (options->out, "slips", ".pdf", slips, error) &&
         write_stick (central, campaign, options, error);
}

static gboolean
hand_out (PlazaCentral *central,
          PlazaCampaign *campaign,
          const Options *options,
          GPtrArray *invitees,
          GError **error)
{
  g_autofree char *join = NULL;

  if (options->out == NULL)
    return TRUE;
  join = options->list != NULL ? g_build_filename (options->out, "join", NULL)
                               : g_strdup (options->out);
  for (guint i = 0; i < invitees->len; i++)
    {
      const PlazaInvitee *invitee = g_ptr_array_index (invitees, i);
      g_autofree char *stem = file_stem (options, invitee->person, i + 1, invitees->len);
      g_autoptr (GBytes) file = plaza_join_link_to_file (invitee->link);

      if (!write_in (join, stem, ".plazajoin", file, error) ||
          (options->list == NULL && !write_pictures (options, stem, invitee->link, error)))
        return FALSE;
    }
  return options->list == NULL || write_list (central, campaign, options, invitees, error);
}

/* Telling */

static void
print_code (const Options *options, const PlazaInvitee *invitee)
{
  g_autofree char *uri = plaza_join_link_to_uri (invitee->link);
  g_autoptr (GBytes) qr = NULL;

  g_print ("%s  %s\n%s\n", invitee->person, invitee->link->code, uri);
  if (g_strcmp0 (options->qr, "utf8") == 0 &&
      (qr = plaza_qr_draw (uri, PLAZA_QR_UTF8, NULL)) != NULL)
    g_print ("%.*s", (int) g_bytes_get_size (qr), (const char *) g_bytes_get_data (qr, NULL));
}

static void
print_list (const Options *options, guint n)
{
  g_print (_ ("%s: codes for %u people.\n"), options->list, n);
  g_print (
      _ ("%s/slips.pdf is to be printed and cut, %s/join holds a join file for each person.\n"),
      options->out, options->out);
  g_print (_ ("Copy the folder %s/Plaza to the USB sticks: with it and a code anybody on the list "
              "joins without a connection.\n"),
           options->out);
}

static void
emit (PlazaCampaign *campaign, GPtrArray *invitees)
{
  JsonObject *document = json_object_new ();
  JsonArray *codes = json_array_new ();

  for (guint i = 0; i < invitees->len; i++)
    {
      const PlazaInvitee *invitee = g_ptr_array_index (invitees, i);
      g_autofree char *uri = plaza_join_link_to_uri (invitee->link);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "person", invitee->person);
      json_object_set_string_member (object, "code", invitee->link->code);
      json_object_set_string_member (object, "link", uri);
      json_array_add_object_element (codes, object);
    }
  json_object_set_string_member (document, "campaign", campaign->fingerprint);
  json_object_set_array_member (document, "codes", codes);
  plaza_central_cli_emit (document);
}

static void
tell (PlazaCentralCli *cli, PlazaCampaign *campaign, const Options *options, GPtrArray *invitees)
{
  if (cli->json)
    {
      emit (campaign, invitees);
      return;
    }
  if (options->list != NULL)
    print_list (options, invitees->len);
  else
    for (guint i = 0; i < invitees->len; i++)
      print_code (options, g_ptr_array_index (invitees, i));
  g_print ("%s\n", _ ("Each code works once. Hand it only to the person it is for."));
}

static gboolean
enrol (PlazaCentralCli *cli, const Options *options, GError **error)
{
  g_autoptr (PlazaCentral) central = plaza_central_cli_open (cli, error);
  g_autoptr (PlazaCampaign) campaign =
      central != NULL ? plaza_central_cli_campaign (central, options->campaign, error) : NULL;
  g_autoptr (GPtrArray) invitees =
      campaign != NULL ? find_invitees (campaign, options, error) : NULL;

  if (invitees == NULL)
    return FALSE;
  if (options->list != NULL && g_file_test (options->out, G_FILE_TEST_EXISTS))
    return plaza_throw_words (error, PLAZA_ERROR_EXISTS, _ ("%s is there already"), options->out);
  if (!plaza_invite (central, campaign, invitees, (guint) options->hours, error) ||
      !hand_out (central, campaign, options, invitees, error))
    return FALSE;
  tell (cli, campaign, options, invitees);
  return TRUE;
}

int
plaza_central_command_enrol (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_auto (Options) options = { .hours = DEFAULT_HOURS, .count = 1 };
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "person", 0, 0, G_OPTION_ARG_STRING, &options.person, N_ ("Who will use the laptop"),
      N_ ("NAME") },
    { "list", 0, 0, G_OPTION_ARG_FILENAME, &options.list,
      N_ ("Codes for everybody on a list: CSV with the columns person, organisation, role"),
      N_ ("FILE") },
    { "organisation", 0, 0, G_OPTION_ARG_STRING, &options.organisation,
      N_ ("Id of one of the campaign's organisations"), "ID" },
    { "role", 0, 0, G_OPTION_ARG_STRING, &options.role,
      N_ ("facilitator (default), coordinator or administrator"), N_ ("ROLE") },
    { "campaign", 0, 0, G_OPTION_ARG_STRING, &options.campaign,
      N_ ("Fingerprint, when there are several"), N_ ("FINGERPRINT") },
    { "hours", 0, 0, G_OPTION_ARG_INT, &options.hours,
      N_ ("How long the code may be used (default two weeks)"), "N" },
    { "count", 0, 0, G_OPTION_ARG_INT, &options.count, N_ ("How many codes (default 1)"), "N" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out,
      N_ ("Write a .plazajoin file and the QR code as PNG and SVG here; of a list, slips to print, "
          "join files and what goes on USB sticks"),
      N_ ("DIR") },
    { "language", 0, 0, G_OPTION_ARG_STRING, &options.language,
      N_ ("Of the printed slips (default es)"), "es|en" },
    { "qr", 0, 0, G_OPTION_ARG_STRING, &options.qr, N_ ("utf8: show the QR code in the terminal"),
      "utf8" },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, NULL, entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 1 || (options.person == NULL) == (options.list == NULL))
    return plaza_central_cli_usage (_ ("enrol needs --person, or --list"));
  if (options.list != NULL && options.out == NULL)
    return plaza_central_cli_usage (_ ("--list needs --out, a folder that does not exist yet"));
  if (options.person != NULL && !plaza_invitee_is_name (options.person))
    return plaza_central_cli_usage (
        _ ("--person is one line of text, without blanks around it or control characters"));
  if (options.hours < 1 || options.hours > 24 * 366 || options.count < 1 || options.count > 1000)
    return plaza_central_cli_usage (_ ("--hours is at most a year and --count at most 1000"));
  if (!enrol (&cli, &options, &error))
    return plaza_central_cli_fail (&cli, error);
  return PLAZA_CENTRAL_EXIT_OK;
}
