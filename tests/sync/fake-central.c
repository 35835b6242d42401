/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-central-private.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#include "base/base32.h"
#include "base/file.h"
#include "base/random.h"
#include "base/uuid.h"
#include "sync/client.h"
#include "wire/envelope.h"
#include "wire/invitation.h"
#include "wire/joinlink.h"
#include "wire/receipt.h"

#include "store/capture.h"

static const char form_xml[] =
    "<h:html xmlns=\"http://www.w3.org/2002/xforms\" xmlns:h=\"http://www.w3.org/1999/xhtml\" "
    "xmlns:jr=\"http://openrosa.org/javarosa\" xmlns:orx=\"http://openrosa.org/xforms\" "
    "xmlns:plaza=\"https://gobabiertomx.org/plaza\">"
    "<h:head><h:title>Prueba</h:title><model>"
    "<instance><data id=\"prueba\" version=\"1\"><folio/><texto/><numero/>"
    "<meta><instanceID/></meta></data></instance>"
    "<bind nodeset=\"/data/folio\" type=\"string\" plaza:fill=\"folio\"/>"
    "<bind nodeset=\"/data/texto\" type=\"string\" required=\"true()\"/>"
    "<bind nodeset=\"/data/numero\" type=\"int\"/>"
    "<bind nodeset=\"/data/meta/instanceID\" type=\"string\" jr:preload=\"uid\"/>"
    "</model></h:head><h:body>"
    "<input ref=\"/data/texto\"><label>Texto</label></input>"
    "<input ref=\"/data/numero\"><label>Número</label></input>"
    "</h:body></h:html>";

void
fake_central_answer (FakeAnswer *answer, const char *status, PlazaResult result)
{
  g_autoptr (GBytes) json = plaza_result_to_json (result);

  fake_answer (answer, status, PLAZA_CLIENT_TYPE_JSON, NULL, g_bytes_get_data (json, NULL),
               (gssize) g_bytes_get_size (json));
}

static void
enrol (FakeCentral *self, const FakeRequest *request, FakeAnswer *answer)
{
  g_auto (PlazaEnrolRequest) body = { 0 };

  if (!plaza_enrol_request_parse (request->body, &body, NULL))
    {
      fake_central_answer (answer, "400 Bad Request", PLAZA_RESULT_BAD_REQUEST);
      return;
    }
  g_autofree char *key = plaza_public_key_to_string (&body.device_key);
  if (!g_hash_table_contains (self->codes, body.code))
    {
      fake_central_answer (answer, "404 Not Found", PLAZA_RESULT_CODE_UNKNOWN);
      return;
    }
  const char *holder = g_hash_table_lookup (self->codes, body.code);
  if (holder && !g_str_equal (holder, key))
    {
      fake_central_answer (answer, "409 Conflict", PLAZA_RESULT_CODE_USED);
      return;
    }
  if (!holder)
    g_hash_table_replace (self->codes, g_strdup (body.code), g_strdup (key));

  /* The same key is the same device. */
  char *device = NULL;
  GHashTableIter iter;
  gpointer id, known;
  g_hash_table_iter_init (&iter, self->devices);
  while (!device && g_hash_table_iter_next (&iter, &id, &known))
    if (plaza_public_key_equal (known, &body.device_key))
      device = g_strdup (id);
  if (!device)
    {
      device = plaza_uuid_v7 ();
      g_hash_table_insert (self->devices, g_strdup (device),
                           g_memdup2 (&body.device_key, sizeof body.device_key));
    }
  if (self->cut_enrolment)
    {
      self->cut_enrolment = FALSE;
      answer->cut = TRUE;
      g_free (device);
      return;
    }
  PlazaEnrolment enrolment = { .device = device,
                               .token = (char *) "ccd_token",
                               .batch = (char *) "K7",
                               .organisation = (char *) "",
                               .person = (char *) "persona-1",
                               .role = (char *) "facilitator" };
  g_autoptr (GBytes) json = plaza_enrolment_to_json (&enrolment);
  fake_answer (answer, "201 Created", PLAZA_CLIENT_TYPE_JSON, NULL, g_bytes_get_data (json, NULL),
               (gssize) g_bytes_get_size (json));
  g_free (device);
}

/* Opens and keeps; the receipt says what is new. NULL when it does not open. */
GBytes *
fake_central_take_in (FakeCentral *self, GBytes *envelope, FakeLie lie)
{
  PlazaEnvelopeInfo info;
  g_autoptr (GError) error = NULL;

  if (!plaza_envelope_peek (envelope, &info, NULL))
    return NULL;
  PlazaPublicKey *device = g_hash_table_lookup (self->devices, info.device);
  if (!device || !plaza_envelope_verify (envelope, device, &info, NULL))
    return NULL;
  g_autoptr (GPtrArray) entries =
      plaza_envelope_open (envelope, device, self->seal_secret, NULL, &info, &error);
  g_assert_no_error (error);

  g_autofree char *id = plaza_hash_to_string (&info.id);
  if (!g_hash_table_insert (self->envelopes, g_strdup (id), GUINT_TO_POINTER (entries->len)))
    self->repeats++;
  g_autofree guint8 *statuses = g_new (guint8, entries->len + 1);
  for (guint i = 0; i < entries->len; i++)
    {
      PlazaEntry *entry = entries->pdata[i];
      PlazaEntry *had = g_hash_table_lookup (self->entries, entry->id);
      statuses[i] = had ? PLAZA_RECEIPT_DUPLICATE : PLAZA_RECEIPT_STORED;
      g_assert_true (!had || plaza_hash_equal (&had->hash, &entry->hash));
      if (!had)
        g_hash_table_insert (self->entries, g_strdup (entry->id), plaza_entry_ref (entry));
    }

  PlazaReceipt receipt = { .envelope = info.id,
                           .time_ms = g_get_real_time () / 1000,
                           .n_statuses = entries->len,
                           .statuses = statuses };
  if (lie == LIE_OTHER_ENVELOPE)
    receipt.envelope.bytes[0] ^= 1;
  if (lie == LIE_SHORT)
    receipt.n_statuses--;
  GBytes *bytes = plaza_receipt_sign (
      &receipt, lie == LIE_FORGED ? self->other_secret : self->sign_secret, &error);
  g_assert_no_error (error);
  return bytes;
}

FakeLie
fake_central_draw_lie (FakeCentral *self)
{
  int draw;

  if (!self->at_random)
    return self->lie;
  draw = g_test_rand_int_range (0, 4);
  return draw == 0 ? LIE_SWALLOW : draw == 1 ? LIE_HALF_READ : LIE_NONE;
}

static void
post_envelope (FakeCentral *self, const FakeRequest *request, FakeAnswer *answer)
{
  FakeLie lie = fake_central_draw_lie (self);
  PlazaEnvelopeInfo info = { 0 };

  if (lie == LIE_REFUSE && plaza_envelope_peek (request->body, &info, NULL))
    {
      g_autofree char *id = plaza_hash_to_string (&info.id);
      if (!self->refused)
        self->refused = g_strdup (id);
      if (g_str_equal (self->refused, id))
        {
          fake_central_answer (answer, "422 Unprocessable Content", PLAZA_RESULT_ENVELOPE);
          return;
        }
    }
  switch (lie)
    {
    case LIE_HTML:
      fake_answer (answer, "200 OK", "text/html", NULL, "<html>Acepte", -1);
      return;
    case LIE_REDIRECT:
      fake_answer (answer, "302 Found", "text/html", "Location: https://portal.invalid/\r\n", "",
                   0);
      return;
    case LIE_OK_JSON:
      fake_answer (answer, "200 OK", "application/json", NULL, "{\"ok\":true}", -1);
      return;
    case LIE_GARBAGE:
      fake_answer (answer, "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, "PLZRCP01 yes, all of it", -1);
      return;
    case LIE_HALF_READ:
      answer->cut = TRUE;
      return;
    case LIE_BUSY:
      fake_central_answer (answer, "503 Service Unavailable", PLAZA_RESULT_BUSY);
      return;
    case LIE_TOKEN:
      fake_central_answer (answer, "401 Unauthorized", PLAZA_RESULT_TOKEN);
      return;
    default:
      break;
    }

  g_autoptr (GBytes) receipt = fake_central_take_in (self, request->body, lie);
  if (!receipt)
    {
      fake_central_answer (answer, "422 Unprocessable Content", PLAZA_RESULT_ENVELOPE);
      return;
    }
  gsize length;
  const void *data = g_bytes_get_data (receipt, &length);
  if (lie == LIE_SWALLOW)
    answer->cut = TRUE;
  else
    fake_answer (answer, "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, data,
                 (gssize) (lie == LIE_TRUNCATED ? length / 2 : length));
}

static void
handle (const FakeRequest *request, FakeAnswer *answer, gpointer user_data)
{
  FakeCentral *self = user_data;

  g_mutex_lock (&self->lock);
  self->counts.requests++;
  self->counts.bytes += strlen (request->head) + g_bytes_get_size (request->body);
  if (g_str_equal (request->path, "/v1/enrol"))
    enrol (self, request, answer);
  else if (!fake_central_route (self, request, answer))
    {
      if (g_str_equal (request->path, "/v1/envelopes"))
        post_envelope (self, request, answer);
      else
        fake_central_answer (answer, "404 Not Found", PLAZA_RESULT_NOT_FOUND);
    }
  g_mutex_unlock (&self->lock);
}

static PlazaCampaign *
make_campaign (FakeCentral *self, gint64 serial, GBytes *ballast)
{
  g_autoptr (PlazaCampaignBuilder) builder = plaza_campaign_builder_new ();
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (GBytes) form = g_bytes_new_static (form_xml, strlen (form_xml));
  g_autoptr (GError) error = NULL;
  char *const *texts = self->key_texts;

#define MEMBER(name) json_builder_set_member_name (json, name)
#define STRING(name, value) json_builder_add_string_value (MEMBER (name), value)
  json_builder_begin_object (json);
  json_builder_add_int_value (MEMBER ("format"), 1);
  STRING ("id", self->id);
  STRING ("title", "Consulta de prueba");
  json_builder_add_int_value (MEMBER ("serial"), serial);
  json_builder_add_boolean_value (MEMBER ("practice"), TRUE);
  json_builder_begin_object (MEMBER ("server"));
  STRING ("url", fake_server_url (self->server));
  STRING ("ca", fake_server_ca (self->server));
  json_builder_end_object (json);
  json_builder_begin_object (MEMBER ("keys"));
  json_builder_begin_array (MEMBER ("central_sign"));
  json_builder_add_string_value (json, texts[0]);
  json_builder_add_string_value (json, texts[1]);
  json_builder_end_array (json);
  STRING ("central_seal", texts[2]);
  STRING ("custody", texts[3]);
  STRING ("recovery", texts[4]);
  json_builder_end_object (json);
  json_builder_begin_array (MEMBER ("questionnaires"));
  json_builder_begin_object (json);
  STRING ("form_id", "prueba");
  STRING ("version", "1");
  STRING ("file", "prueba.xml");
  json_builder_begin_array (MEMBER ("media"));
  json_builder_end_array (json);
  json_builder_end_object (json);
  json_builder_end_array (json);
  json_builder_begin_array (MEMBER ("catalogues"));
  json_builder_end_array (json);
  json_builder_begin_array (MEMBER ("organisations"));
  json_builder_end_array (json);
  STRING ("notice_version", "1");
  json_builder_end_object (json);
#undef STRING
#undef MEMBER

  g_autoptr (JsonNode) root = json_builder_get_root (json);
  g_autofree char *text = json_to_string (root, FALSE);
  g_autoptr (GBytes) manifest = g_bytes_new (text, strlen (text));
  plaza_campaign_builder_set_manifest (builder, manifest, &error);
  g_assert_no_error (error);
  plaza_campaign_builder_add_file (builder, "prueba.xml", form, &error);
  g_assert_no_error (error);
  if (ballast)
    plaza_campaign_builder_add_file (builder, "lastre.bin", ballast, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) package = plaza_campaign_builder_sign (builder, self->campaign_secret, &error);
  g_assert_no_error (error);
  PlazaCampaign *campaign = plaza_campaign_parse (package, NULL, &error);
  g_assert_no_error (error);
  return campaign;
}

FakeCentral *
fake_central_new (void)
{
  FakeCentral *self = g_new0 (FakeCentral, 1);
  PlazaPublicKey keys[5];
  g_autoptr (PlazaSecret) custody = NULL;
  g_autoptr (PlazaSecret) recovery = NULL;
  g_autoptr (PlazaSecret) spare = NULL;
  PlazaPublicKey other;

  g_mutex_init (&self->lock);
  self->codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->devices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->envelopes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->entries =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) plaza_entry_unref);
  self->uploads =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_byte_array_unref);
  self->token = g_strdup ("ccd_token");
  plaza_random_fill (self->challenge, sizeof self->challenge);
  plaza_sign_keypair (&keys[0], &self->sign_secret);
  plaza_sign_keypair (&keys[1], &spare);
  plaza_sealbox_keypair (&keys[2], &self->seal_secret);
  plaza_sealbox_keypair (&keys[3], &custody);
  plaza_sealbox_keypair (&keys[4], &recovery);
  plaza_sign_keypair (&other, &self->other_secret);
  self->server = fake_server_new (NULL, handle, self);
  self->id = plaza_uuid_v7 ();
  plaza_sign_keypair (&self->campaign_key, &self->campaign_secret);
  for (int i = 0; i < 5; i++)
    self->key_texts[i] = plaza_public_key_to_string (&keys[i]);
  self->campaign = make_campaign (self, 0, NULL);
  return self;
}

void
fake_central_free (FakeCentral *self)
{
  fake_server_free (self->server);
  plaza_campaign_unref (self->campaign);
  for (int i = 0; i < 5; i++)
    g_free (self->key_texts[i]);
  g_free (self->id);
  plaza_secret_unref (self->campaign_secret);
  plaza_secret_unref (self->sign_secret);
  plaza_secret_unref (self->other_secret);
  plaza_secret_unref (self->seal_secret);
  g_hash_table_unref (self->codes);
  g_hash_table_unref (self->devices);
  g_hash_table_unref (self->envelopes);
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->uploads);
  g_clear_pointer (&self->newer, plaza_campaign_unref);
  g_free (self->token);
  g_mutex_clear (&self->lock);
  g_free (self->refused);
  g_free (self);
}

FakeServer *
fake_central_server (FakeCentral *self)
{
  return self->server;
}

PlazaCampaign *
fake_central_campaign (FakeCentral *self)
{
  return self->campaign;
}

char *
fake_central_link (FakeCentral *self)
{
  g_autofree char *code = plaza_join_code_new ();
  g_autoptr (GError) error = NULL;
  char *normal = plaza_join_code_normalise (code, &error);
  gnutls_datum_t pem = { (guint8 *) fake_server_ca (self->server),
                         (unsigned) strlen (fake_server_ca (self->server)) };
  gnutls_datum_t der;

  g_assert_no_error (error);
  g_assert_cmpint (gnutls_pem_base64_decode2 ("CERTIFICATE", &pem, &der), ==, 0);
  g_autoptr (GBytes) ca = g_bytes_new (der.data, der.size);
  gnutls_free (der.data);
  g_mutex_lock (&self->lock);
  g_hash_table_insert (self->codes, normal, NULL);
  g_mutex_unlock (&self->lock);
  g_autoptr (PlazaJoinLink) link =
      plaza_join_link_new (fake_server_url (self->server), ca, self->campaign->fingerprint, code);
  return plaza_join_link_to_uri (link);
}

char *
fake_central_kit (FakeCentral *self,
                  const char *folder,
                  gint64 expires_ms,
                  const PlazaSecret *signer)
{
  g_autoptr (PlazaInvitationsBuilder) builder = plaza_invitations_builder_new (self->campaign);
  g_autofree char *package = g_build_filename (folder, "campaign.plzcmp", NULL);
  g_autofree char *path = g_build_filename (folder, "invitations.plzinv", NULL);
  g_autoptr (GBytes) list = NULL;
  g_autoptr (GError) error = NULL;
  char *code = plaza_join_code_new ();
  const PlazaInvitation invitation = { .person = (char *) "Rufina",
                                       .organisation = (char *) "",
                                       .role = (char *) "facilitator",
                                       .batch = (char *) "R7",
                                       .expires_ms = expires_ms };

  plaza_invitations_builder_add (builder, code, &invitation, &error);
  g_assert_no_error (error);
  list = plaza_invitations_builder_sign (builder, signer ? signer : self->sign_secret, &error);
  g_assert_no_error (error);
  plaza_dir_make (folder, &error);
  g_assert_no_error (error);
  plaza_file_write (package, plaza_campaign_package (self->campaign), &error);
  g_assert_no_error (error);
  plaza_file_write (path, list, &error);
  g_assert_no_error (error);
  return code;
}

void
fake_central_lie (FakeCentral *self, FakeLie lie)
{
  g_mutex_lock (&self->lock);
  self->lie = lie;
  g_mutex_unlock (&self->lock);
}

void
fake_central_lie_at_random (FakeCentral *self, gboolean on)
{
  g_mutex_lock (&self->lock);
  self->at_random = on;
  g_mutex_unlock (&self->lock);
}

void
fake_central_enrol_then_cut (FakeCentral *self)
{
  g_mutex_lock (&self->lock);
  self->cut_enrolment = TRUE;
  g_mutex_unlock (&self->lock);
}

static guint
count (FakeCentral *self, GHashTable *table)
{
  g_mutex_lock (&self->lock);
  guint size = g_hash_table_size (table);
  g_mutex_unlock (&self->lock);
  return size;
}

FakeCounts
fake_central_counts (FakeCentral *self)
{
  g_mutex_lock (&self->lock);
  FakeCounts counts = self->counts;
  g_mutex_unlock (&self->lock);
  return counts;
}

void
fake_central_expire_tokens (FakeCentral *self)
{
  g_mutex_lock (&self->lock);
  g_free (self->token);
  self->token = g_strdup ("none");
  g_mutex_unlock (&self->lock);
}

void
fake_central_drop_uploads (FakeCentral *self)
{
  g_mutex_lock (&self->lock);
  g_hash_table_remove_all (self->uploads);
  g_mutex_unlock (&self->lock);
}

void
fake_central_revoke (FakeCentral *self, gboolean revoked)
{
  g_mutex_lock (&self->lock);
  self->revoked = revoked;
  g_mutex_unlock (&self->lock);
}

void
fake_central_publish (FakeCentral *self, gint64 serial, GBytes *ballast)
{
  PlazaCampaign *newer = make_campaign (self, serial, ballast);

  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->newer, plaza_campaign_unref);
  self->newer = newer;
  g_mutex_unlock (&self->lock);
}

GBytes *
fake_central_published (FakeCentral *self)
{
  return plaza_campaign_package (self->newer);
}

guint
fake_central_n_entries (FakeCentral *self)
{
  return count (self, self->entries);
}

guint
fake_central_n_envelopes (FakeCentral *self)
{
  return count (self, self->envelopes);
}

guint
fake_central_n_devices (FakeCentral *self)
{
  return count (self, self->devices);
}

guint
fake_central_n_repeats (FakeCentral *self)
{
  g_mutex_lock (&self->lock);
  guint repeats = self->repeats;
  g_mutex_unlock (&self->lock);
  return repeats;
}

GBytes *
fake_central_xml (FakeCentral *self, const char *revision)
{
  GBytes *xml = NULL;

  g_mutex_lock (&self->lock);
  PlazaEntry *entry = g_hash_table_lookup (self->entries, revision);
  if (entry)
    {
      g_autoptr (PlazaRevision) parts = plaza_entry_get_revision (entry, NULL);
      xml = parts ? g_bytes_ref (parts->xml) : NULL;
    }
  g_mutex_unlock (&self->lock);
  return xml;
}

/* Laptops */

char *
fake_laptop_root (void)
{
  g_autoptr (GError) error = NULL;
  char *root = g_dir_make_tmp ("plaza-sync-XXXXXX", &error);

  g_assert_no_error (error);
  return root;
}

void
fake_laptop_remove (const char *root)
{
  g_autoptr (GDir) dir = g_dir_open (root, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (root, name, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        fake_laptop_remove (path);
      else
        remove (path);
    }
  remove (root);
}

PlazaProfile *
fake_laptop_profile (FakeCentral *self, const char *root, const char *name)
{
  g_autoptr (GError) error = NULL;
  PlazaProfile *profile =
      plaza_profile_create (root, self->campaign, name, FAKE_PASSPHRASE, &error);
  PlazaPublicKey key;

  g_assert_no_error (error);
  g_assert_true (plaza_profile_get_device_key (profile, &key));
  g_autofree char *device = plaza_uuid_v7 ();
  PlazaEnrolment enrolment = { .device = device,
                               .token = (char *) "ccd_token",
                               .batch = (char *) "K7",
                               .organisation = (char *) "",
                               .person = (char *) "persona-1",
                               .role = (char *) "facilitator" };
  plaza_profile_set_enrolment (profile, &enrolment, &error);
  g_assert_no_error (error);
  g_mutex_lock (&self->lock);
  g_hash_table_insert (self->devices, g_strdup (device), g_memdup2 (&key, sizeof key));
  g_mutex_unlock (&self->lock);
  return profile;
}

void
fake_laptop_respond (PlazaProfile *profile, guint n)
{
  fake_laptop_respond_at_length (profile, n, 0);
}

void
fake_laptop_respond_at_length (PlazaProfile *profile, guint n, guint length)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (GError) error = NULL;
  const PlazaSessionFields fields = {
    .state = "20", .municipality = "20067", .date = "2019-06-04", .attendance = -1
  };
  g_autoptr (PlazaSession) session = plaza_session_create (store, &fields, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PlazaCapture) capture =
          plaza_capture_start (store, session, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      PlazaInterview *interview = plaza_capture_get_interview (capture);
      g_autoptr (GString) text = g_string_new (NULL);
      g_string_printf (text, "Respuesta %u de %s: ¿qué falta? El agua.", i,
                       plaza_profile_get_name (profile));
      for (guint c = 0; c < length; c++)
        g_string_append_c (text, (char) g_test_rand_int_range ('0', 'z'));
      plaza_capture_set_answer (capture, plaza_interview_find (interview, "/data/texto"), text->str,
                                &error);
      g_assert_no_error (error);
      g_auto (PlazaEnding) ending = { 0 };
      plaza_capture_finish (capture, &ending, &error);
      g_assert_no_error (error);
    }
}
