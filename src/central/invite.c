/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "central/enrolment.h"
#include "central/invite.h"
#include "wire/invitation.h"

PlazaInvitee *
plaza_invitee_new (const char *person, const char *organisation, const char *role)
{
  PlazaInvitee *self = g_new0 (PlazaInvitee, 1);

  self->person = g_strdup (person);
  self->organisation = g_strdup (organisation != NULL ? organisation : "");
  self->role = g_strdup (role != NULL && role[0] != '\0' ? role : "facilitator");
  return self;
}

void
plaza_invitee_free (PlazaInvitee *self)
{
  g_free (self->person);
  g_free (self->organisation);
  g_free (self->role);
  g_clear_pointer (&self->link, plaza_join_link_free);
  g_free (self);
}

/* The list */

/* Characters that turn the direction of what follows, and so could make a name look like another.
 */
static gboolean
turns_direction (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
        return TRUE;
    }
  return FALSE;
}

gboolean
plaza_invitee_is_name (const char *name)
{
  g_autofree char *clean = plaza_text_clean (name, -1, NULL, NULL);

  return clean != NULL && *clean != '\0' && g_str_equal (clean, name) &&
         strchr (name, '\n') == NULL && strchr (name, '\t') == NULL && !turns_direction (name);
}

static int
find_column (PlazaCsv *csv, const char *name, const char *spanish)
{
  int column = plaza_csv_find_column (csv, name);

  return column >= 0 ? column : plaza_csv_find_column (csv, spanish);
}

static char *
clean_cell (PlazaCsv *csv, guint row, int column)
{
  char *text = column >= 0
                   ? plaza_text_clean (plaza_csv_cell (csv, row, (guint) column), -1, NULL, NULL)
                   : NULL;

  return text != NULL ? text : g_strdup ("");
}

/* Roles as people write them in a list. */
static const char *
read_role (const char *text)
{
  static const struct
  {
    const char *written;
    const char *role;
  } known[] = {
    { "", "facilitator" },
    { "facilitator", "facilitator" },
    { "facilitador", "facilitator" },
    { "facilitadora", "facilitator" },
    { "persona facilitadora", "facilitator" },
    { "coordinator", "coordinator" },
    { "coordinador", "coordinator" },
    { "coordinadora", "coordinator" },
    { "persona coordinadora", "coordinator" },
    { "administrator", "administrator" },
    { "administrador", "administrator" },
    { "administradora", "administrator" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (plaza_text_equal_folded (text, known[i].written))
      return known[i].role;
  return NULL;
}

GPtrArray *
plaza_invitees_parse (GBytes *bytes, PlazaCampaign *campaign, GError **error)
{
  const PlazaCsvLimits limits = { 4 * 1024 * 1024, 64, PLAZA_INVITE_MAX, 1024 };
  g_autoptr (PlazaCsv) csv = plaza_csv_parse (bytes, 0, &limits, error);
  g_autoptr (GPtrArray) invitees =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_invitee_free);
  int person_at, organisation_at, role_at;

  if (csv == NULL)
    return NULL;
  person_at = find_column (csv, "person", "persona");
  organisation_at = find_column (csv, "organisation", "organizacion");
  role_at = find_column (csv, "role", "rol");
  if (person_at < 0)
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID,
                         _ ("the list has no column person: its first line names the columns "
                            "person, organisation and role"));
      return NULL;
    }
  for (guint i = 0; i < plaza_csv_n_rows (csv); i++)
    {
      g_autofree char *person = clean_cell (csv, i, person_at);
      g_autofree char *organisation = clean_cell (csv, i, organisation_at);
      g_autofree char *role = clean_cell (csv, i, role_at);

      if (!plaza_invitee_is_name (person) || g_utf8_strlen (person, -1) > 100)
        plaza_throw_words (error, PLAZA_ERROR_INVALID,
                           _ ("line %u: no name of 1 to 100 characters"), plaza_csv_line (csv, i));
      else if (read_role (role) == NULL)
        plaza_throw_words (error, PLAZA_ERROR_INVALID,
                           _ ("line %u: the role is facilitator, coordinator or administrator"),
                           plaza_csv_line (csv, i));
      else if (organisation[0] != '\0' &&
               plaza_campaign_organisation (campaign, organisation) == NULL)
        plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND,
                           _ ("line %u: the campaign has no such organisation"),
                           plaza_csv_line (csv, i));
      else
        {
          g_ptr_array_add (invitees, plaza_invitee_new (person, organisation, read_role (role)));
          continue;
        }
      return NULL;
    }
  if (invitees->len > 0)
    return g_steal_pointer (&invitees);
  plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("nobody is on the list"));
  return NULL;
}

/* Inviting */

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
    plaza_throw_words (error, PLAZA_ERROR_FAILED, _ ("reading the authority's certificate: %s"),
                       gnutls_strerror (code));
  gnutls_free (out.data);
  if (crt != NULL)
    gnutls_x509_crt_deinit (crt);
  return bytes;
}

static char *
list_path (PlazaCentral *central, PlazaCampaign *campaign)
{
  g_autofree char *name = g_strconcat (campaign->fingerprint, ".plzinv", NULL);

  return g_build_filename (central->directory, "invitations", name, NULL);
}

static gboolean
add_older (PlazaInvitationsBuilder *builder,
           PlazaCampaign *campaign,
           const char *path,
           GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (PlazaInvitations) older = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  bytes = plaza_file_read (path, PLAZA_INVITATIONS_MAX_BYTES, error);
  older = bytes != NULL ? plaza_invitations_parse (bytes, campaign, error) : NULL;
  return older != NULL && plaza_invitations_builder_add_list (builder, older, error);
}

static gboolean
save_list (PlazaCentral *central,
           PlazaInvitationsBuilder *builder,
           const char *path,
           GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GBytes) bytes = plaza_invitations_builder_sign (builder, central->sign, error);

  return bytes != NULL && plaza_dir_make (folder, error) && plaza_file_write (path, bytes, error);
}

/* What is kept of the codes from the transaction that makes them to the list. */
typedef struct
{
  PlazaCentral *central;
  PlazaCampaign *campaign;
  PlazaStorage *storage;
  GBytes *ca;
  guint hours;
  GArray *invitations; /* (element-type PlazaInvitation), one for each invitee */
} Inviting;

static gboolean
make_code (Inviting *self, PlazaInvitee *invitee, GError **error)
{
  PlazaInvitation invitation = { 0 };
  char *code = plaza_enrolment_new_code (self->central, self->storage, self->campaign,
                                         invitee->person, invitee->organisation, invitee->role,
                                         self->hours, &invitation, error);

  if (code == NULL)
    return FALSE;
  g_array_append_val (self->invitations, invitation);
  invitee->expires = invitation.expires_ms;
  invitee->link =
      plaza_join_link_new (self->campaign->server_url, self->ca, self->campaign->fingerprint, code);
  plaza_secret_wipe_string (code);
  return TRUE;
}

static gboolean
make_codes (Inviting *self, GPtrArray *invitees, GError **error)
{
  const PlazaStorageTable *table = self->storage->table;

  if (!table->migrate (self->storage, error) || !table->begin (self->storage, error))
    return FALSE;
  for (guint i = 0; i < invitees->len; i++)
    if (!make_code (self, g_ptr_array_index (invitees, i), error))
      {
        table->rollback (self->storage);
        return FALSE;
      }
  return table->commit (self->storage, error);
}

/*
 * Each invitation takes its 10 ms on purpose, so this is after the transaction, which would else
 * keep laptops waiting. Another command that invites waits for us here.
 */
static gboolean
extend_list (Inviting *self, GPtrArray *invitees, GError **error)
{
  g_autofree char *path = list_path (self->central, self->campaign);
  g_autoptr (PlazaInvitationsBuilder) builder = plaza_invitations_builder_new (self->campaign);

  if (!add_older (builder, self->campaign, path, error))
    return FALSE;
  for (guint i = 0; i < invitees->len; i++)
    {
      const PlazaInvitee *invitee = g_ptr_array_index (invitees, i);

      if (!plaza_invitations_builder_add (builder, invitee->link->code,
                                          &g_array_index (self->invitations, PlazaInvitation, i),
                                          error))
        return FALSE;
    }
  return save_list (self->central, builder, path, error);
}

static gboolean
extend_list_alone (Inviting *self, GPtrArray *invitees, GError **error)
{
  g_autofree char *path = g_build_filename (self->central->directory, "invitations.lock", NULL);
  int lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean done;

  if (lock < 0 || flock (lock, LOCK_EX) != 0)
    {
      plaza_throw_about (error, PLAZA_ERROR_FAILED, "%s: %s", path, g_strerror (errno));
      if (lock >= 0)
        close (lock);
      return FALSE;
    }
  done = extend_list (self, invitees, error);
  close (lock);
  return done;
}

gboolean
plaza_invite (PlazaCentral *central,
              PlazaCampaign *campaign,
              GPtrArray *invitees,
              guint hours,
              GError **error)
{
  g_autoptr (GBytes) ca = ca_der (central->ca_pem, error);
  g_autoptr (PlazaStorage) storage =
      ca != NULL ? plaza_central_storage (central, TRUE, error) : NULL;
  g_autoptr (GArray) invitations = g_array_new (FALSE, FALSE, sizeof (PlazaInvitation));
  Inviting self = { central, campaign, storage, ca, hours, invitations };

  g_array_set_clear_func (invitations, (GDestroyNotify) plaza_invitation_clear);
  return storage != NULL && make_codes (&self, invitees, error) &&
         extend_list_alone (&self, invitees, error);
}

GBytes *
plaza_invitations_file (PlazaCentral *central, PlazaCampaign *campaign, GError **error)
{
  g_autofree char *path = list_path (central, campaign);

  return plaza_file_read (path, PLAZA_INVITATIONS_MAX_BYTES, error);
}
