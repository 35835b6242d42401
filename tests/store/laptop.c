/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "laptop.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/file.h"
#include "base/uuid.h"
#include "seal/sealbox.h"
#include "wire/envelope.h"

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

/* What a version after the file's 7 calls by another name: questions of one are unknown to the
 * other. */
static const char *const renamed[][2] = {
  { "obs", "comentario" },
  { "acepta", "consiente" },
};

static char *
replace (char *text, const char *from, const char *to)
{
  g_auto (GStrv) parts = g_strsplit (text, from, -1);

  g_free (text);
  return g_strjoinv (to, parts);
}

static GBytes *
read_form (const char *version)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("PLAZA_TEST_SRCDIR"), "store", "consulta.xml", NULL);
  g_autofree char *text = NULL;
  g_autofree char *attribute = g_strdup_printf ("version=\"%s\"", version);
  char *form;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  form = replace (g_steal_pointer (&text), "version=\"7\"", attribute);
  for (guint i = 0; strcmp (version, "7") != 0 && i < G_N_ELEMENTS (renamed); i++)
    form = replace (form, renamed[i][0], renamed[i][1]);
  return g_bytes_new_take (form, strlen (form));
}

static PlazaCampaign *
make_campaign (char *const keys[5], const PlazaSecret *secret, const char *version, guint serial)
{
  g_autoptr (PlazaCampaignBuilder) builder = plaza_campaign_builder_new ();
  g_autofree char *id = plaza_uuid_random ();
  g_autofree char *manifest = NULL;
  g_autoptr (GBytes) form = read_form (version);
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GBytes) package = NULL;
  g_autoptr (GError) error = NULL;
  PlazaCampaign *campaign;

  manifest = g_strdup_printf (
      "{\"format\":1,\"serial\":%u,\"id\":\"%s\",\"title\":\"Consulta de "
      "prueba\",\"practice\":true,"
      "\"server\":{\"url\":\"https://central.invalid\"},"
      "\"keys\":{\"central_sign\":[\"%s\",\"%s\"],\"central_seal\":\"%s\",\"custody\":\"%s\","
      "\"recovery\":\"%s\"},"
      "\"questionnaires\":[{\"form_id\":\"consulta\",\"version\":\"%s\",\"file\":\"consulta.xml\","
      "\"media\":[]}],\"catalogues\":[],\"organisations\":[{\"id\":\"org-1\",\"name\":\"Una\"}],"
      "\"idle_lock_minutes\":15,\"asking_ends\":\"2019-06-30\",\"keying_ends\":\"2019-07-15\","
      "\"retention_days\":7,\"notice_version\":\"1\",\"dictionary\":null,"
      "\"outcomes\":{\"under-age\":\"/data/aviso/edad = 'nina'\","
      "\"minor-without-guardian\":\"/data/aviso/tutor = 'no'\","
      "\"refused\":\"/data/aviso/%s = 'no'\"}}",
      serial, id, keys[0], keys[1], keys[2], keys[3], keys[4], version,
      strcmp (version, "7") == 0 ? "acepta" : "consiente");
  json = g_bytes_new (manifest, strlen (manifest));
  plaza_campaign_builder_set_manifest (builder, json, &error);
  g_assert_no_error (error);
  plaza_campaign_builder_add_file (builder, "consulta.xml", form, &error);
  g_assert_no_error (error);
  package = plaza_campaign_builder_sign (builder, secret, &error);
  g_assert_no_error (error);
  campaign = plaza_campaign_parse (package, NULL, &error);
  g_assert_no_error (error);
  return campaign;
}

Laptop *
laptop_new (void)
{
  Laptop *self = g_new0 (Laptop, 1);
  g_autoptr (PlazaSecret) spare = NULL;
  g_autoptr (GError) error = NULL;
  PlazaPublicKey keys[5], ignored;

  self->root = g_dir_make_tmp ("plaza-store-XXXXXX", &error);
  g_assert_no_error (error);
  plaza_sign_keypair (&keys[0], &self->central_sign);
  plaza_sign_keypair (&keys[1], &spare);
  plaza_sealbox_keypair (&keys[2], &self->central_seal);
  plaza_sealbox_keypair (&keys[3], &self->custody);
  plaza_sealbox_keypair (&keys[4], &self->recovery);
  plaza_sign_keypair (&ignored, &self->campaign_secret);
  for (guint i = 0; i < 5; i++)
    self->keys[i] = plaza_public_key_to_string (&keys[i]);
  self->campaign = make_campaign (self->keys, self->campaign_secret, "7", 1);
  return self;
}

PlazaCampaign *
laptop_make_campaign (Laptop *self, const char *version, guint serial)
{
  return make_campaign (self->keys, self->campaign_secret, version, serial);
}

void
laptop_renew_campaign (Laptop *self, const char *version)
{
  g_autoptr (GError) error = NULL;
  guint serial = (guint) self->campaign->serial + 1;

  plaza_campaign_unref (self->campaign);
  self->campaign = make_campaign (self->keys, self->campaign_secret, version, serial);
  plaza_data_save_campaign (self->root, self->campaign, &error);
  g_assert_no_error (error);
}

void
laptop_free (Laptop *self)
{
  remove_tree (self->root);
  g_free (self->root);
  plaza_campaign_unref (self->campaign);
  for (guint i = 0; i < 5; i++)
    g_free (self->keys[i]);
  plaza_secret_unref (self->campaign_secret);
  plaza_secret_unref (self->central_sign);
  plaza_secret_unref (self->central_seal);
  plaza_secret_unref (self->custody);
  plaza_secret_unref (self->recovery);
  g_free (self);
}

PlazaProfile *
laptop_profile (Laptop *self, const char *name)
{
  g_autofree char *device = plaza_uuid_v7 ();
  g_autoptr (GError) error = NULL;
  PlazaProfile *profile;
  const PlazaEnrolment enrolment = {
    .device = device,
    .token = (char *) "ccd_secreto",
    .batch = (char *) "K7",
    .organisation = (char *) "org-1",
    .person = (char *) "persona-1",
    .role = (char *) "facilitator",
  };

  profile = plaza_profile_create (self->root, self->campaign, name, LAPTOP_PASSPHRASE, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_profile_set_enrolment (profile, &enrolment, &error));
  g_assert_no_error (error);
  return profile;
}

PlazaProfile *
laptop_unlock (Laptop *self, const char *id)
{
  g_autoptr (GError) error = NULL;
  PlazaProfile *profile = plaza_profile_load (self->root, id, &error);

  g_assert_no_error (error);
  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  return profile;
}

PlazaSession *
laptop_session (PlazaProfile *profile)
{
  const PlazaSessionFields fields = {
    .team = "Brigada Ñandú",
    .state = "20",
    .municipality = "20168",
    .place = "Zaachila de las Flores",
    .date = "2019-06-04",
    .attendance = -1,
    .host_contact = "Doña Casilda 9515550101",
  };
  g_autoptr (GError) error = NULL;
  PlazaSession *session = plaza_session_create (plaza_profile_get_store (profile), &fields, &error);

  g_assert_no_error (error);
  return session;
}

PlazaCapture *
laptop_start (PlazaProfile *profile)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaSession) session = plaza_session_current (store, &error);
  PlazaCapture *capture;

  g_assert_no_error (error);
  if (session == NULL)
    session = laptop_session (profile);
  capture = plaza_capture_start (store, session, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return capture;
}

static PlazaField *
find (PlazaCapture *capture, const char *ref)
{
  PlazaField *field = plaza_interview_find (plaza_capture_get_interview (capture), ref);

  g_assert_nonnull (field);
  return field;
}

void
laptop_answer (PlazaCapture *capture, const char *ref, const char *value)
{
  g_autoptr (GError) error = NULL;

  plaza_capture_set_answer (capture, find (capture, ref), value, &error);
  g_assert_no_error (error);
}

const char *
laptop_value (PlazaCapture *capture, const char *ref)
{
  return plaza_field_get_value (find (capture, ref));
}

void
laptop_fill (PlazaCapture *capture, const char *words)
{
  laptop_answer (capture, "/data/aviso/edad", "mayor");
  laptop_answer (capture, "/data/aviso/acepta", "si");
  laptop_answer (capture, "/data/temas", "agua luz");
  laptop_answer (capture, "/data/problemas[1]/tema", "agua");
  laptop_answer (capture, "/data/problemas[1]/problema", words);
  laptop_answer (capture, "/data/problemas[2]/problema", "otro problema");
  laptop_answer (capture, "/data/lugar/vive", "aqui");
  laptop_answer (capture, "/data/quiere", "no");
}

static char *
finish (PlazaCapture *capture)
{
  g_autoptr (GError) error = NULL;
  g_auto (PlazaEnding) ending = { 0 };

  plaza_capture_finish (capture, &ending, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ending.folio, ==, plaza_capture_get_folio (capture));
  return g_strdup (plaza_capture_get_response (capture));
}

char *
laptop_respond (PlazaProfile *profile, const char *words)
{
  g_autoptr (PlazaCapture) capture = laptop_start (profile);

  laptop_fill (capture, words);
  return finish (capture);
}

char *
laptop_respond_with_contact (PlazaProfile *profile, const char *words, const char *name)
{
  g_autoptr (PlazaCapture) capture = laptop_start (profile);

  laptop_fill (capture, words);
  laptop_answer (capture, "/data/quiere", "si");
  laptop_answer (capture, "/data/contacto/permiso", "si");
  laptop_answer (capture, "/data/contacto/nombre", name);
  return finish (capture);
}

char *
laptop_xml (PlazaProfile *profile, const char *response)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaRevision) revision = NULL;
  gsize size;
  const char *data;

  revision = plaza_response_read (plaza_profile_get_store (profile), response, &error);
  g_assert_no_error (error);
  data = g_bytes_get_data (revision->xml, &size);
  return g_strndup (data, size);
}

PlazaResponseState
laptop_state (PlazaProfile *profile, const char *response)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaResponse) row = NULL;

  row = plaza_response_load (plaza_profile_get_store (profile), response, &error);
  g_assert_no_error (error);
  return plaza_response_get_state (row);
}

GPtrArray *
laptop_open (Laptop *self, PlazaProfile *profile, const PlazaOutboxItem *item)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = plaza_outbox_read (item, &error);
  PlazaEnvelopeInfo info;
  PlazaPublicKey device;
  GPtrArray *entries;

  g_assert_no_error (error);
  g_assert_true (plaza_profile_get_device_key (profile, &device));
  entries = plaza_envelope_open (bytes, &device, self->central_seal, NULL, &info, &error);
  g_assert_no_error (error);
  return entries;
}

GBytes *
laptop_receipt (Laptop *self, const PlazaOutboxItem *item, guint n, guint8 status)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *statuses = g_malloc (n);
  PlazaReceipt receipt = { .time_ms = 1, .n_statuses = n, .statuses = statuses };
  GBytes *bytes;

  memset (statuses, status, n);
  g_assert_true (plaza_hash_parse (item->envelope, &receipt.envelope, &error));
  bytes = plaza_receipt_sign (&receipt, self->central_sign, &error);
  g_assert_no_error (error);
  return bytes;
}

guint
laptop_deliver (Laptop *self, PlazaProfile *profile, PlazaPackFlags flags)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = NULL;
  guint delivered = 0, total = 0;

  g_assert_true (plaza_outbox_pack (store, flags, NULL, &error));
  g_assert_no_error (error);
  items = plaza_outbox_list (self->root, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < items->len; i++)
    {
      const PlazaOutboxItem *item = g_ptr_array_index (items, i);
      g_autoptr (GPtrArray) entries = laptop_open (self, profile, item);
      g_autoptr (GBytes) receipt = laptop_receipt (self, item, entries->len, PLAZA_RECEIPT_STORED);

      total += entries->len;
      g_assert_true (plaza_outbox_keep_receipt (item, self->campaign, receipt, &error));
      g_assert_no_error (error);
    }
  g_assert_true (plaza_outbox_absorb (store, &delivered, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (delivered, ==, total);
  return delivered;
}

static gboolean
file_holds (const char *path, const char *words)
{
  g_autofree char *content = NULL;
  gsize size;

  return g_file_get_contents (path, &content, &size, NULL) &&
         memmem (content, size, words, strlen (words)) != NULL;
}

guint
laptop_find (const char *root, const char *words)
{
  g_autoptr (GDir) dir = g_dir_open (root, 0, NULL);
  const char *name;
  guint found = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (root, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        found += laptop_find (path, words);
      else if (file_holds (path, words))
        found++;
    }
  return found;
}
