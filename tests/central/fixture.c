/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ftw.h>
#include <glib/gstdio.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sqlite3.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "base/error.h"
#include "base/folio.h"
#include "base/json.h"
#include "base/uuid.h"
#include "central/enrolment.h"
#include "fixture.h"
#include "wire/campaign.h"

static const char form[] =
    "<h:html xmlns='http://www.w3.org/2002/xforms' xmlns:h='http://www.w3.org/1999/xhtml' "
    "xmlns:jr='http://openrosa.org/javarosa' xmlns:plaza='https://gobabiertomx.org/plaza'>"
    "<h:head><h:title>Temas</h:title><model><instance><data id='temas' version='1'>"
    "<place/><topics jr:template=''><problem/></topics><topics><problem/></topics><phone/>"
    "<meta><instanceID/></meta></data></instance>"
    "<bind nodeset='/data/place' type='string' required='true()'/>"
    "<bind nodeset='/data/topics/problem' type='string'/>"
    "<bind nodeset='/data/phone' type='string' plaza:privacy='contact'/>"
    "<bind nodeset='/data/meta/instanceID' type='string' jr:preload='uid'/>"
    "</model></h:head><h:body><input ref='/data/place'><label>Place</label></input>"
    "<group ref='/data/topics'><label>Topic</label><repeat nodeset='/data/topics'>"
    "<input ref='/data/topics/problem'><label>Problem</label></input></repeat></group>"
    "<input ref='/data/phone'><label>Phone</label></input></h:body></h:html>";

/* PostgreSQL */

static struct
{
  gboolean tried;
  char *root;
  char *bin;
  GPid pid;
  guint databases;
} cluster;

static char *
find_postgresql (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/usr/lib/postgresql", 0, NULL);
  const char *version;

  while (dir != NULL && (version = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *bin = g_build_filename ("/usr/lib/postgresql", version, "bin", NULL);
      g_autofree char *initdb = g_build_filename (bin, "initdb", NULL);

      if (g_file_test (initdb, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&bin);
    }
  return NULL;
}

/* PostgreSQL refuses to run as root: then it runs as its own user, or as nobody. */
static void
drop_privileges (gpointer data)
{
  const struct passwd *user = data;

  if (user != NULL && (setgid (user->pw_gid) != 0 || setuid (user->pw_uid) != 0))
    _exit (126);
  prctl (PR_SET_PDEATHSIG, SIGQUIT); /* a test that aborts leaves no cluster behind */
}

static struct passwd *
cluster_user (void)
{
  struct passwd *user;

  if (getuid () != 0)
    return NULL;
  user = getpwnam ("postgres");
  return user != NULL ? user : getpwnam ("nobody");
}

static void
run_postgres (void)
{
  struct passwd *user = cluster_user ();
  g_autofree char *postgres = g_build_filename (cluster.bin, "postgres", NULL);
  g_autofree char *data = g_build_filename (cluster.root, "data", NULL);
  g_autoptr (GError) error = NULL;
  char *argv[] = { postgres,
                   (char *) "-D",
                   data,
                   (char *) "-k",
                   cluster.root,
                   (char *) "-c",
                   (char *) "listen_addresses=",
                   (char *) "-c",
                   (char *) (g_getenv ("PLAZA_TEST_DURABLE") != NULL ? "fsync=on" : "fsync=off"),
                   NULL };

  g_spawn_async (cluster.root, argv, NULL,
                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                     G_SPAWN_STDERR_TO_DEV_NULL,
                 drop_privileges, user, &cluster.pid, &error);
  g_assert_no_error (error);
}

/* Until it answers; one that found traces of another and ended is run again. */
static void
await_postgres (void)
{
  g_autofree char *uri =
      g_strdup_printf ("postgresql:///postgres?host=%s&user=plaza", cluster.root);

  for (guint i = 0; i < 300; i++)
    {
      PGconn *connection = PQconnectdb (uri);
      gboolean ready = PQstatus (connection) == CONNECTION_OK;
      int status;

      PQfinish (connection);
      if (ready)
        return;
      if (waitpid (cluster.pid, &status, WNOHANG) == cluster.pid)
        {
          g_spawn_close_pid (cluster.pid);
          run_postgres ();
        }
      g_usleep (50 * 1000);
    }
  g_assert_not_reached ();
}

static void
start_cluster (void)
{
  struct passwd *user = cluster_user ();
  g_autofree char *initdb = g_build_filename (cluster.bin, "initdb", NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;

  cluster.root = g_dir_make_tmp ("plaza-pg-XXXXXX", &error);
  g_assert_no_error (error);
  if (user != NULL)
    g_assert_cmpint (chown (cluster.root, user->pw_uid, user->pw_gid), ==, 0);
  data = g_build_filename (cluster.root, "data", NULL);
  {
    char *argv[] = { initdb,
                     (char *) "-A",
                     (char *) "trust",
                     (char *) "-U",
                     (char *) "plaza",
                     (char *) "-E",
                     (char *) "UTF8",
                     (char *) "--locale=C",
                     (char *) "-N",
                     (char *) "-D",
                     data,
                     NULL };

    g_spawn_sync (cluster.root, argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, drop_privileges, user, NULL,
                  NULL, &status, &error);
    g_assert_no_error (error);
    g_assert_cmpint (status, ==, 0);
  }
  run_postgres ();
  await_postgres ();
}

void
fixture_kill_postgresql (void)
{
  int status;

  kill (cluster.pid, SIGKILL);
  waitpid (cluster.pid, &status, 0);
  g_spawn_close_pid (cluster.pid);
  run_postgres ();
  await_postgres ();
}

const char *const *
fixture_databases (void)
{
  static const char *const both[] = { "sqlite", "postgresql", NULL };
  static const char *const one[] = { "sqlite", NULL };

  if (!cluster.tried)
    {
      cluster.tried = TRUE;
      cluster.bin = find_postgresql ();
      if (cluster.bin == NULL)
        g_test_message ("PostgreSQL is not installed: its half of the suite is left out");
    }
  return cluster.bin != NULL ? both : one;
}

static char *
new_database (void)
{
  g_autofree char *uri = NULL;
  g_autofree char *statement = NULL;
  PGconn *connection;
  PGresult *result;

  if (cluster.root == NULL)
    start_cluster ();
  uri = g_strdup_printf ("postgresql:///postgres?host=%s&user=plaza", cluster.root);
  statement = g_strdup_printf ("CREATE DATABASE t%u", ++cluster.databases);
  connection = PQconnectdb (uri);
  result = PQexec (connection, statement);
  g_assert_cmpint (PQresultStatus (result), ==, PGRES_COMMAND_OK);
  PQclear (result);
  PQfinish (connection);
  return g_strdup_printf ("postgresql:///t%u?host=%s&user=plaza", cluster.databases, cluster.root);
}

static int
remove_one (const char *path, const struct stat *status, int type, struct FTW *ftw)
{
  return remove (path);
}

void
fixture_remove (const char *path)
{
  nftw (path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void
fixture_stop (void)
{
  if (cluster.pid != 0)
    {
      int status;

      kill (cluster.pid, SIGINT); /* its fast shutdown */
      waitpid (cluster.pid, &status, 0);
      g_spawn_close_pid (cluster.pid);
      cluster.pid = 0;
      fixture_remove (cluster.root);
    }
  g_clear_pointer (&cluster.root, g_free);
  g_clear_pointer (&cluster.bin, g_free);
}

/* A central with a campaign */

static JsonObject *
describe (Fixture *self, const char *version)
{
  PlazaPublicKey custody, recovery;
  g_autoptr (PlazaSecret) recovery_secret = NULL;
  g_autofree char *custody_text = NULL;
  g_autofree char *recovery_text = NULL;
  g_autofree char *sign = plaza_public_key_to_string (&self->central->sign_public);
  g_autofree char *spare = plaza_public_key_to_string (&self->central->sign_spare_public);
  g_autofree char *seal = plaza_public_key_to_string (&self->central->seal_public);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *server;

  g_clear_pointer (&self->custody, plaza_secret_unref);
  plaza_sealbox_keypair (&custody, &self->custody);
  plaza_sealbox_keypair (&recovery, &recovery_secret);
  custody_text = plaza_public_key_to_string (&custody);
  recovery_text = plaza_public_key_to_string (&recovery);
  text = g_strdup_printf (
      "{\"format\":1,\"id\":\"6f3c8a51-0f4e-4a87-9a0a-3c1d4d1c9a11\",\"title\":\"Temas\","
      "\"practice\":true,\"server\":{\"url\":\"https://127.0.0.1:8443\"},"
      "\"keys\":{\"central_sign\":[\"%s\",\"%s\"],\"central_seal\":\"%s\",\"custody\":\"%s\","
      "\"recovery\":\"%s\"},\"questionnaires\":[{\"form_id\":\"temas\",\"version\":\"%s\","
      "\"file\":\"temas.xml\",\"media\":[]}],\"catalogues\":[],\"organisations\":"
      "[{\"id\":\"a\",\"name\":\"A\"},{\"id\":\"b\",\"name\":\"B\"}],\"idle_lock_minutes\":15,"
      "\"asking_ends\":\"2030-01-01\",\"keying_ends\":\"2030-02-01\",\"retention_days\":7,"
      "\"notice_version\":\"1\",\"dictionary\":null,\"outcomes\":{}}",
      sign, spare, seal, custody_text, recovery_text, version);
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  server = json_object_get_object_member (json_node_get_object (node), "server");
  json_object_set_string_member (server, "ca", self->central->ca_pem);
  return json_object_ref (json_node_get_object (node));
}

static void
install (Fixture *self, const char *version, gint64 serial, const PlazaSecret *secret)
{
  g_autoptr (PlazaCampaignBuilder) builder = plaza_campaign_builder_new ();
  g_autoptr (JsonObject) manifest = describe (self, version);
  g_autoptr (GBytes) manifest_bytes = NULL;
  g_autoptr (GString) xml = g_string_new (form);
  g_autoptr (GBytes) xml_bytes = NULL;
  g_autoptr (GBytes) package = NULL;
  g_autofree char *stated = g_strdup_printf ("version='%s'", version);
  g_autoptr (GError) error = NULL;

  json_object_set_int_member (manifest, "serial", serial);
  manifest_bytes = plaza_json_write_object (manifest);
  g_string_replace (xml, "version='1'", stated, 1);
  xml_bytes = g_bytes_new (xml->str, xml->len);
  plaza_campaign_builder_set_manifest (builder, manifest_bytes, &error);
  g_assert_no_error (error);
  plaza_campaign_builder_add_file (builder, "temas.xml", xml_bytes, &error);
  g_assert_no_error (error);
  package = plaza_campaign_builder_sign (builder, secret, &error);
  g_assert_no_error (error);
  plaza_central_install (self->central, package, &error);
  g_assert_no_error (error);
}

PlazaCampaign *
fixture_add_campaign (Fixture *self, PlazaSecret **secret)
{
  g_autofree char *fingerprint = NULL;
  PlazaPublicKey key;

  plaza_sign_keypair (&key, secret);
  install (self, "1", 1, *secret);
  fingerprint = plaza_public_key_fingerprint (&key);
  return plaza_central_find_campaign (self->central, fingerprint);
}

void
fixture_set_version (Fixture *self, const char *version)
{
  install (self, version, self->campaign->serial + 1, self->campaign_secret);
}

Fixture *
fixture_new (const char *database)
{
  Fixture *self = g_new0 (Fixture, 1);
  g_autofree char *uri =
      strcmp (database, "sqlite") == 0 ? g_strdup ("sqlite:central.db") : new_database ();
  g_autofree char *root = NULL;
  g_autoptr (GError) error = NULL;

  umask (077);
  root = g_dir_make_tmp ("plaza-central-XXXXXX", &error);
  g_assert_no_error (error);
  self->directory = g_steal_pointer (&root);
  plaza_central_create (self->directory, "https://127.0.0.1:8443", uri, TRUE, &error);
  g_assert_no_error (error);
  self->central = plaza_central_open (self->directory, &error);
  g_assert_no_error (error);
  self->central->disk_floor_mib = 0;
  self->storage = plaza_central_storage (self->central, TRUE, &error);
  g_assert_no_error (error);
  self->campaign = fixture_add_campaign (self, &self->campaign_secret);
  return self;
}

void
fixture_free (Fixture *self)
{
  plaza_storage_close (self->storage);
  plaza_campaign_unref (self->campaign);
  plaza_central_close (self->central);
  plaza_secret_unref (self->campaign_secret);
  plaza_secret_unref (self->custody);
  fixture_remove (self->directory);
  g_free (self->directory);
  g_free (self);
}

void
fixture_sql (Fixture *self, const char *script)
{
  if (g_str_has_prefix (self->central->database, "sqlite:"))
    {
      g_autofree char *path = g_build_filename (self->directory, "central.db", NULL);
      sqlite3 *db;

      g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
      g_assert_cmpint (sqlite3_exec (db, script, NULL, NULL, NULL), ==, SQLITE_OK);
      sqlite3_close (db);
    }
  else
    {
      PGconn *connection = PQconnectdb (self->central->database);
      PGresult *result = PQexec (connection, script);

      g_assert_cmpstr (PQresultErrorMessage (result), ==, "");
      PQclear (result);
      PQfinish (connection);
    }
}

/* Laptops */

Laptop *
laptop_new (Fixture *fixture, const char *person, const char *organisation)
{
  return laptop_new_as (fixture, fixture->campaign, person, organisation, "facilitator");
}

Laptop *
laptop_new_as (Fixture *fixture,
               PlazaCampaign *campaign,
               const char *person,
               const char *organisation,
               const char *role)
{
  Laptop *self = g_new0 (Laptop, 1);
  g_auto (PlazaEnrolRequest) request = { 0 };
  g_auto (PlazaEnrolment) enrolment = { 0 };
  g_autoptr (GError) error = NULL;
  PlazaStorage *storage = fixture->storage;
  PlazaResult result;

  self->fixture = fixture;
  plaza_sign_keypair (&self->key, &self->secret);
  storage->table->begin (storage, &error);
  g_assert_no_error (error);
  request.code = plaza_enrolment_new_code (fixture->central, storage, campaign, person,
                                           organisation, role, 1, NULL, &error);
  g_assert_no_error (error);
  request.device_key = self->key;
  request.fingerprint = g_strdup (campaign->fingerprint);
  plaza_enrolment_join (fixture->central, storage, &request, &enrolment, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result, ==, PLAZA_RESULT_OK);
  storage->table->commit (storage, &error);
  g_assert_no_error (error);
  self->id = g_steal_pointer (&enrolment.device);
  self->token = g_steal_pointer (&enrolment.token);
  self->batch = g_steal_pointer (&enrolment.batch);
  self->person = g_steal_pointer (&enrolment.person);
  return self;
}

void
laptop_free (Laptop *self)
{
  plaza_secret_unref (self->secret);
  g_free (self->id);
  g_free (self->token);
  g_free (self->batch);
  g_free (self->person);
  g_free (self);
}

void
laptop_header (Laptop *self, PlazaHeader *out)
{
  *out = (PlazaHeader){
    .campaign = g_strdup (self->fixture->campaign->fingerprint),
    .form_id = g_strdup ("temas"),
    .form_version = g_strdup ("1"),
    .response = plaza_uuid_v7 (),
    .revision = plaza_uuid_random (),
    .device = g_strdup (self->id),
    .author = g_strdup (self->person),
    .mode = g_strdup ("interview"),
    .session = g_strdup ("017f22e2-79b0-7cc3-98c4-dc0c0c073990"),
    .session_state = g_strdup ("26"),
    .session_municipality = g_strdup ("26043"),
    .session_date = g_strdup ("2019-05-29"),
    .organisation = g_strdup ("a"),
    .batch = g_strdup (self->batch),
    .folio = plaza_folio_make ("26", self->batch, (guint) self->sequence + 1, NULL),
    .outcome = PLAZA_OUTCOME_COMPLETED,
    .ended = g_strdup ("2019-05-29T14:31:39.679-05:00"),
  };
}

GBytes *
laptop_xml (const char *text)
{
  char *xml = g_markup_printf_escaped (
      "<data xmlns:jr=\"http://openrosa.org/javarosa\" id=\"temas\" version=\"1\">"
      "<place>Oaxaca</place><topics><problem>%s</problem></topics><topics><problem>2</problem>"
      "</topics><meta><instanceID>uuid:1</instanceID></meta></data>",
      text);

  return g_bytes_new_take (xml, strlen (xml));
}

PlazaEntry *
laptop_revision (Laptop *self, const PlazaHeader *header, const char *text)
{
  g_autoptr (GBytes) xml = laptop_xml (text);
  g_autoptr (GError) error = NULL;
  PlazaEntry *entry = plaza_entry_new_revision (header, ++self->sequence, xml, NULL, NULL, &error);

  g_assert_no_error (error);
  return entry;
}

PlazaEntry *
laptop_response (Laptop *self, const char *text, char **response, char **revision)
{
  g_auto (PlazaHeader) header = { 0 };

  laptop_header (self, &header);
  if (response != NULL)
    *response = g_strdup (header.response);
  if (revision != NULL)
    *revision = g_strdup (header.revision);
  return laptop_revision (self, &header, text);
}

PlazaEntry *
laptop_removal (Laptop *self, PlazaEntryKind kind, const char *response, const char *folio)
{
  PlazaRemoval removal = {
    .campaign = self->fixture->campaign->fingerprint,
    .response = (char *) response,
    .folio = (char *) folio,
    .device = self->id,
    .author = self->person,
    .reason = kind == PLAZA_ENTRY_VOID ? (char *) "test" : NULL,
    .at = (char *) "2019-05-29T15:00:00.000-05:00",
  };
  g_autofree char *id = plaza_uuid_v7 ();
  g_autoptr (GError) error = NULL;
  PlazaEntry *entry = plaza_entry_new_removal (kind, id, &removal, ++self->sequence, &error);

  g_assert_no_error (error);
  return entry;
}

PlazaEntry *
laptop_contact (Laptop *self, const char *text)
{
  g_autofree char *json = g_strdup_printf ("{\"phone\":\"%s\"}", text);
  g_autoptr (GBytes) plain = g_bytes_new (json, strlen (json));
  g_autoptr (GError) error = NULL;
  PlazaEntry *entry = plaza_entry_new_contact (&self->fixture->campaign->key_custody, "2019-06-01",
                                               plain, NULL, &error);

  g_assert_no_error (error);
  return entry;
}

GBytes *
laptop_pack_all (Laptop *self, GPtrArray *entries)
{
  g_autoptr (GError) error = NULL;
  GBytes *envelope =
      plaza_envelope_pack (&self->fixture->campaign->key_campaign, self->id, self->secret,
                           &self->fixture->campaign->key_central_seal, NULL, entries, NULL, &error);

  g_assert_no_error (error);
  return envelope;
}

GBytes *
laptop_pack (Laptop *self, PlazaEntry *entry, ...)
{
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
  va_list args;

  va_start (args, entry);
  for (; entry != NULL; entry = va_arg (args, PlazaEntry *))
    g_ptr_array_add (entries, entry);
  va_end (args);
  return laptop_pack_all (self, entries);
}

void
fixture_look_ahead (Fixture *self, PlazaIntake *intake)
{
  g_autoptr (PlazaLookahead) keys = plaza_lookahead_new ();
  g_autoptr (GError) error = NULL;

  plaza_intake_look (intake, keys);
  if (self->storage->table->look_ahead != NULL)
    self->storage->table->look_ahead (self->storage, keys, &error);
  g_assert_no_error (error);
}

PlazaReceipt *
fixture_take (Fixture *self, GBytes *envelope)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaIntake) intake = NULL;
  g_autoptr (GBytes) bytes = NULL;
  PlazaReceipt *receipt;
  PlazaResult result;

  intake = plaza_intake_open (self->central, self->storage, envelope, &result, &error);
  g_assert_no_error (error);
  self->storage->table->begin (self->storage, &error);
  g_assert_no_error (error);
  fixture_look_ahead (self, intake);
  plaza_intake_store (intake, self->storage, &error);
  g_assert_no_error (error);
  self->storage->table->commit (self->storage, &error);
  g_assert_no_error (error);
  bytes = plaza_intake_receipt (intake, self->central, &error);
  g_assert_no_error (error);
  receipt = plaza_receipt_verify (bytes, &intake->info.id, intake->entries->len,
                                  &self->campaign->key_central_sign,
                                  &self->campaign->key_central_sign_spare, &error);
  g_assert_no_error (error);
  return receipt;
}

PlazaResult
fixture_try (Fixture *self, GBytes *envelope)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaIntake) intake = NULL;
  PlazaResult result;

  intake = plaza_intake_open (self->central, self->storage, envelope, &result, &error);
  g_assert_null (intake);
  g_assert_nonnull (error);
  return result;
}
