/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "central/command.h"
#include "central/enrolment.h"
#include "central/qr.h"
#include "wire/joinlink.h"

#define DEFAULT_HOURS (14 * 24)

typedef struct
{
  char *person;
  char *organisation;
  char *role;
  char *campaign;
  char *out;
  char *qr;
  int hours;
  int count;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->person);
  g_free (options->organisation);
  g_free (options->role);
  g_free (options->campaign);
  g_free (options->out);
  g_free (options->qr);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static GBytes *
ca_der (const char *pem, GError **error)
{
  gnutls_datum_t in = { (unsigned char *) pem, (unsigned int) strlen (pem) };
  gnutls_datum_t out = { NULL, 0 };
  gnutls_x509_crt_t crt = NULL;
  GBytes *bytes = NULL;
  int code = gnutls_x509_crt_init (&crt);

  if (code >= 0)
    code = gnutls_x509_crt_import (crt, &in, GNUTLS_X509_FMT_PEM);
  if (code >= 0)
    code = gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_DER, &out);
  if (code >= 0)
    bytes = g_bytes_new (out.data, out.size);
  else
    plaza_throw (error, PLAZA_ERROR_FAILED, "reading the authority's certificate: %s",
                 gnutls_strerror (code));
  gnutls_free (out.data);
  if (crt != NULL)
    gnutls_x509_crt_deinit (crt);
  return bytes;
}

/* A file name that anybody's name can be part of. */
static char *
file_stem (const char *person, guint number, guint count)
{
  g_autofree char *ascii = g_str_to_ascii (person, "C");

  g_strcanon (ascii, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-", '-');
  return count > 1 ? g_strdup_printf ("%s-%u", ascii, number) : g_steal_pointer (&ascii);
}

static gboolean
write_in (
    const char *directory, const char *stem, const char *suffix, GBytes *bytes, GError **error)
{
  g_autofree char *name = g_strconcat (stem, suffix, NULL);
  g_autofree char *path = g_build_filename (directory, name, NULL);

  return plaza_file_write (path, bytes, error);
}

static gboolean
hand_out (const Options *options, const char *stem, const PlazaJoinLink *link, GError **error)
{
  g_autofree char *uri = plaza_join_link_to_uri (link);
  g_autoptr (GBytes) file = plaza_join_link_to_file (link);
  g_autoptr (GBytes) png = NULL;
  g_autoptr (GBytes) svg = NULL;

  if (options->out == NULL)
    return TRUE;
  png = plaza_qr_draw (uri, PLAZA_QR_PNG, error);
  svg = png != NULL ? plaza_qr_draw (uri, PLAZA_QR_SVG, error) : NULL;
  return svg != NULL && plaza_dir_make (options->out, error) &&
         write_in (options->out, stem, ".plazajoin", file, error) &&
         write_in (options->out, stem, ".png", png, error) &&
         write_in (options->out, stem, ".svg", svg, error);
}

static void
print_code (const Options *options, const PlazaJoinLink *link)
{
  g_autofree char *uri = plaza_join_link_to_uri (link);
  g_autoptr (GBytes) qr = NULL;

  g_print ("%s  %s\n%s\n", options->person, link->code, uri);
  if (g_strcmp0 (options->qr, "utf8") == 0 &&
      (qr = plaza_qr_draw (uri, PLAZA_QR_UTF8, NULL)) != NULL)
    g_print ("%.*s", (int) g_bytes_get_size (qr), (const char *) g_bytes_get_data (qr, NULL));
}

static char *
new_code (PlazaCentral *central,
          PlazaStorage *storage,
          PlazaCampaign *campaign,
          const Options *options,
          GError **error)
{
  char *code;

  if (!storage->table->begin (storage, error))
    return NULL;
  code = plaza_enrolment_new_code (central, storage, campaign, options->person,
                                   options->organisation != NULL ? options->organisation : "",
                                   options->role != NULL ? options->role : "facilitator",
                                   (guint) options->hours, NULL, error);
  if (code == NULL)
    {
      storage->table->rollback (storage);
      return NULL;
    }
  if (storage->table->commit (storage, error))
    return code;
  plaza_secret_wipe_string (code);
  return NULL;
}

static gboolean
enrol_all (PlazaCentralCli *cli, PlazaCentral *central, const Options *options, GError **error)
{
  g_autoptr (PlazaCampaign) campaign =
      plaza_central_cli_campaign (central, options->campaign, error);
  g_autoptr (GBytes) ca = campaign != NULL ? ca_der (central->ca_pem, error) : NULL;
  g_autoptr (PlazaStorage) storage =
      ca != NULL ? plaza_central_storage (central, TRUE, error) : NULL;
  JsonArray *codes;
  JsonObject *document;

  if (storage == NULL || !storage->table->migrate (storage, error))
    return FALSE;
  codes = json_array_new ();
  for (int i = 0; i < options->count; i++)
    {
      char *code = new_code (central, storage, campaign, options, error);
      g_autoptr (PlazaJoinLink) link = NULL;
      g_autofree char *stem = file_stem (options->person, (guint) i + 1, (guint) options->count);
      g_autofree char *uri = NULL;
      JsonObject *object;

      if (code == NULL)
        {
          json_array_unref (codes);
          return FALSE;
        }
      link = plaza_join_link_new (campaign->server_url, ca, campaign->fingerprint, code);
      plaza_secret_wipe_string (code);
      if (!hand_out (options, stem, link, error))
        {
          json_array_unref (codes);
          return FALSE;
        }
      if (!cli->json)
        print_code (options, link);
      uri = plaza_join_link_to_uri (link);
      object = json_object_new ();
      json_object_set_string_member (object, "code", link->code);
      json_object_set_string_member (object, "link", uri);
      json_array_add_object_element (codes, object);
    }
  document = json_object_new ();
  json_object_set_string_member (document, "campaign", campaign->fingerprint);
  json_object_set_array_member (document, "codes", codes);
  if (cli->json)
    plaza_central_cli_emit (document);
  else
    {
      json_object_unref (document);
      g_print ("%s\n", _ ("Each code works once. Hand it only to the person it is for."));
    }
  return TRUE;
}

/* A name is printed, written in files and shown on laptops: one line, no control characters. */
static gboolean
is_plain_name (const char *name)
{
  g_autofree char *clean = plaza_text_clean (name, -1, NULL, NULL);

  return clean != NULL && *clean != '\0' && g_str_equal (clean, name) &&
         strchr (name, '\n') == NULL && strchr (name, '\t') == NULL;
}

int
plaza_central_command_enrol (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_auto (Options) options = { .hours = DEFAULT_HOURS, .count = 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = NULL;
  const GOptionEntry entries[] = {
    { "person", 0, 0, G_OPTION_ARG_STRING, &options.person, N_ ("Who will use the laptop"),
      N_ ("NAME") },
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
      N_ ("Write a .plazajoin file and the QR code as PNG and SVG here"), N_ ("DIR") },
    { "qr", 0, 0, G_OPTION_ARG_STRING, &options.qr, N_ ("utf8: show the QR code in the terminal"),
      "utf8" },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, NULL, entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 1 || options.person == NULL)
    return plaza_central_cli_usage (_ ("enrol needs --person"));
  if (!is_plain_name (options.person))
    return plaza_central_cli_usage (
        _ ("--person is one line of text, without blanks around it or control characters"));
  if (options.hours < 1 || options.hours > 24 * 366 || options.count < 1 || options.count > 1000)
    return plaza_central_cli_usage (_ ("--hours is at most a year and --count at most 1000"));
  central = plaza_central_cli_open (&cli, &error);
  if (central == NULL || !enrol_all (&cli, central, &options, &error))
    return plaza_central_cli_fail (&cli, error);
  return PLAZA_CENTRAL_EXIT_OK;
}
