/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may ask for what, and what each route says. */
#include "base/clock.h"
#include "central/route.h"
#include "served.h"
#include "wire/device-list.h"
#include "wire/piece.h"

/* Every role and every route */

static const char *const roles[] = { "facilitator", "coordinator", "administrator" };

/* A request that passes the gate of @route; what its body means is the route's to refuse. */
static void
try_route (Served *served, const PlazaRoute *route, const char *token, Answer *out)
{
  g_autoptr (GBytes) body = route->body_type != NULL ? g_bytes_new_static ("{}", 2) : NULL;
  g_autofree char *digest = plaza_piece_digest ("{}", 2);
  g_autofree char *fields =
      g_strdup_printf ("Upload-Offset: 0\r\nUpload-Length: 2\r\nContent-Digest: %s\r\n", digest);
  g_autoptr (GString) path = g_string_new (route->path);
  const char *brace = strchr (route->path, '{');

  if (brace != NULL)
    {
      gsize at = (gsize) (brace - route->path);

      g_string_erase (path, (gssize) at, (gssize) (strchr (brace, '}') - brace + 1));
      g_string_insert (path, (gssize) at, "00");
    }
  served_send (served, route->method, path->str, token, fields, route->body_type, body, out);
}

static gboolean
is_denied (const Answer *answer)
{
  return answer->status == 401 || answer->status == 403 || answer->status == 404 ||
         answer->status == 405 || answer->status == 429;
}

static void
test_matrix (gconstpointer engine)
{
  g_autoptr (Fixture) owned = fixture_new (engine);
  g_autoptr (Served) served = NULL;
  g_autoptr (Laptop) expired = NULL;
  g_autoptr (Laptop) revoked = NULL;
  g_autoptr (GError) error = NULL;
  PlazaStorage *storage;
  gboolean found;

  owned->central->enrol_tries = 100000;
  served = served_new_on (g_steal_pointer (&owned));
  storage = served->fixture->storage;
  plaza_clock_set_shift (-100 * 24 * 60 * 60 * G_GINT64_CONSTANT (1000));
  expired = laptop_new_as (served->fixture, served->fixture->campaign, "Ana", "a", "administrator");
  plaza_clock_set_shift (0);
  revoked = laptop_new_as (served->fixture, served->fixture->campaign, "Ana", "a", "administrator");
  storage->table->begin (storage, &error);
  storage->table->revoke_device (storage, revoked->id, 1, &found, &error);
  storage->table->commit (storage, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < plaza_n_routes; i++)
    {
      const PlazaRoute *route = plaza_routes + i;
      g_auto (Answer) answer = { 0 };

      g_test_message ("%s %s", route->method, route->path);
      for (guint j = 0; j < G_N_ELEMENTS (roles); j++)
        {
          g_autoptr (Laptop) laptop =
              laptop_new_as (served->fixture, served->fixture->campaign, "Ana", "a", roles[j]);

          try_route (served, route, laptop->token, &answer);
          if (route->roles != 0 && (route->roles & plaza_role_parse (roles[j])) == 0)
            g_assert_cmpuint (answer.status, ==, 403);
          else if (route->results & (G_GUINT64_CONSTANT (1) << PLAZA_RESULT_NOT_FOUND))
            g_assert_cmpuint (answer.status, <, 500);
          else
            g_assert_false (is_denied (&answer));
        }
      try_route (served, route, NULL, &answer);
      if (route->roles == 0)
        g_assert_cmpuint (answer.status, !=, 401);
      else
        {
          g_autofree char *code = answer_code (&answer);
          g_autofree char *challenge = answer_field (&answer, "WWW-Authenticate");

          g_assert_cmpuint (answer.status, ==, 401);
          g_assert_cmpstr (code, ==, "token");
          g_assert_cmpstr (challenge, ==, "Bearer");
          try_route (served, route, "ccd_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &answer);
          g_assert_cmpuint (answer.status, ==, 401);
          try_route (served, route, expired->token, &answer);
          g_assert_cmpuint (answer.status, ==, 401);
          try_route (served, route, revoked->token, &answer);
          g_assert_cmpuint (answer.status, ==, 401);
        }
    }
}

/* A path is one route's, whole, and each knows its methods */
static void
test_paths (gconstpointer engine)
{
  static const char *const nowhere[] = {
    "/",
    "/v1",
    "/v1/probe/",
    "/v1/probe/x",
    "/V1/probe",
    "/v1/uploads/",
    "/v1/uploads/a/b",
    "/v1/devices/",
    "/v1/devices//revoke",
    "/v1/devices/a",
    "/v1/devices/a/b/revoke",
    "/v1/campaign/",
    "/v1//probe",
    "/healthz",
    "/readyz",
    "/metrics",
  };
  const PlazaRoute *route;
  g_autofree char *parameter = NULL;
  g_autofree char *allowed = plaza_route_allowed ("/v1/uploads/x");
  g_autofree char *other = plaza_route_allowed ("/v1/devices");

  for (guint i = 0; i < G_N_ELEMENTS (nowhere); i++)
    {
      g_autofree char *none = NULL;

      g_assert_cmpint (plaza_route_find ("GET", nowhere[i], &route, &none), ==,
                       PLAZA_RESULT_NOT_FOUND);
      g_assert_null (route);
      g_assert_null (none);
    }
  g_assert_cmpint (plaza_route_find ("POST", "/v1/devices/x-1/revoke", &route, &parameter), ==,
                   PLAZA_RESULT_OK);
  g_assert_cmpstr (route->path, ==, "/v1/devices/{device}/revoke");
  g_assert_cmpstr (parameter, ==, "x-1");
  g_assert_cmpstr (allowed, ==, "GET, PATCH");
  g_assert_cmpstr (other, ==, "GET, POST");
}

/* Devices */

static GPtrArray *
list_devices (Served *served, Laptop *asking)
{
  g_auto (Answer) answer = { 0 };
  g_autoptr (GError) error = NULL;
  GPtrArray *devices;

  served_send (served, "GET", "/v1/devices", asking->token, NULL, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 200);
  devices = plaza_device_list_parse (answer.body, &error);
  g_assert_no_error (error);
  return devices;
}

static const PlazaDeviceSummary *
find_device (GPtrArray *devices, const char *id)
{
  for (guint i = 0; i < devices->len; i++)
    {
      const PlazaDeviceSummary *summary = g_ptr_array_index (devices, i);

      if (strcmp (summary->device, id) == 0)
        return summary;
    }
  return NULL;
}

static void
take (Served *served, Laptop *laptop, guint64 sequence)
{
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (PlazaReceipt) receipt = NULL;

  laptop->sequence = sequence - 1;
  envelope = laptop_pack (laptop, laptop_response (laptop, "a", NULL, NULL), NULL);
  receipt = fixture_take (served->fixture, envelope);
}

static guint
revoke_by (Served *served, Laptop *asking, const char *device, const char *reason)
{
  g_autofree char *path = g_strdup_printf ("/v1/devices/%s/revoke", device);
  g_autoptr (GBytes) body = plaza_revocation_to_json (reason);
  g_auto (Answer) answer = { 0 };

  served_send (served, "POST", path, asking->token, NULL, "application/json", body, &answer);
  return answer.status;
}

static void
test_devices (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  Fixture *fixture = served->fixture;
  g_autoptr (PlazaSecret) other_secret = NULL;
  g_autoptr (PlazaCampaign) other_campaign = fixture_add_campaign (fixture, &other_secret);
  g_autoptr (Laptop) ana = laptop_new (fixture, "Ana", "a");
  g_autoptr (Laptop) bea = laptop_new (fixture, "Bea", "b");
  g_autoptr (Laptop) coordinator =
      laptop_new_as (fixture, fixture->campaign, "Carla", "a", "coordinator");
  g_autoptr (Laptop) administrator =
      laptop_new_as (fixture, fixture->campaign, "Dora", "", "administrator");
  g_autoptr (Laptop) stranger =
      laptop_new_as (fixture, other_campaign, "Eva", "a", "administrator");
  g_autoptr (GPtrArray) own = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) foreign = NULL;
  g_autoptr (GPtrArray) after = NULL;
  const PlazaDeviceSummary *summary;
  g_auto (Answer) answer = { 0 };

  take (served, ana, 3);
  take (served, ana, 4);
  take (served, ana, 9);
  own = list_devices (served, coordinator);
  g_assert_cmpuint (own->len, ==, 2);
  g_assert_null (find_device (own, bea->id));
  summary = find_device (own, ana->id);
  g_assert_cmpstr (summary->person, ==, "Ana");
  g_assert_cmpstr (summary->organisation, ==, "a");
  g_assert_cmpstr (summary->role, ==, "facilitator");
  g_assert_null (summary->revoked);
  g_assert_null (summary->last_seen);
  g_assert_cmpuint (summary->envelopes, ==, 3);
  g_assert_cmpuint (summary->entries, ==, 3);
  g_assert_cmpuint (summary->quarantined, ==, 0);
  g_assert_cmpuint (summary->newest_sequence, ==, 9);
  g_assert_cmpuint (summary->missing->len, ==, 2);
  g_assert_cmpuint (g_array_index (summary->missing, PlazaSequenceRange, 0).from, ==, 1);
  g_assert_cmpuint (g_array_index (summary->missing, PlazaSequenceRange, 0).to, ==, 2);
  g_assert_cmpuint (g_array_index (summary->missing, PlazaSequenceRange, 1).from, ==, 5);
  g_assert_cmpuint (g_array_index (summary->missing, PlazaSequenceRange, 1).to, ==, 8);

  all = list_devices (served, administrator);
  g_assert_cmpuint (all->len, ==, 4);
  g_assert_nonnull (find_device (all, bea->id));
  foreign = list_devices (served, stranger);
  g_assert_cmpuint (foreign->len, ==, 1);

  /* revoking: in one's own organisation and campaign, nobody above oneself */
  g_assert_cmpuint (revoke_by (served, coordinator, bea->id, "x"), ==, 404);
  g_assert_cmpuint (revoke_by (served, stranger, ana->id, "x"), ==, 404);
  g_assert_cmpuint (revoke_by (served, coordinator, "nobody", "x"), ==, 404);
  g_assert_cmpuint (revoke_by (served, ana, ana->id, "x"), ==, 403);
  served_send (served, "GET", "/v1/probe", ana->token, NULL, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 200);
  g_assert_cmpuint (revoke_by (served, coordinator, ana->id, "Se perdió"), ==, 200);
  g_assert_cmpuint (revoke_by (served, coordinator, ana->id, "otra vez"), ==, 200);
  served_send (served, "GET", "/v1/probe", ana->token, NULL, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 401);

  /* what it had delivered stands; what comes later is kept apart, and shown */
  take (served, ana, 10);
  after = list_devices (served, coordinator);
  summary = find_device (after, ana->id);
  g_assert_nonnull (summary->revoked);
  g_assert_nonnull (summary->last_seen);
  g_assert_cmpstr (summary->reason, ==, "Se perdió");
  g_assert_cmpuint (summary->entries, ==, 4);
  g_assert_cmpuint (summary->quarantined, ==, 1);
}

/* Nobody revokes somebody above: a coordinator no administrator of the same organisation */
static void
test_rank (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  Fixture *fixture = served->fixture;
  g_autoptr (Laptop) coordinator =
      laptop_new_as (fixture, fixture->campaign, "Carla", "a", "coordinator");
  g_autoptr (Laptop) administrator =
      laptop_new_as (fixture, fixture->campaign, "Dora", "a", "administrator");
  g_autofree char *path = g_strdup_printf ("/v1/devices/%s/revoke", coordinator->id);
  g_autofree char *chars = g_strnfill (PLAZA_REVOCATION_MAX_CHARS + 1, 'x');
  g_autofree char *members = g_strdup_printf ("{\"reason\":\"%s\"}", chars);
  const char *const bodies[] = { "{}", "{\"reason\":1}", "{\"reason\":\"\",\"at\":0}", members };
  g_auto (Answer) answer = { 0 };

  g_assert_cmpuint (revoke_by (served, coordinator, administrator->id, "x"), ==, 403);
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GBytes) body = g_bytes_new_static (bodies[i], strlen (bodies[i]));

      served_send (served, "POST", path, administrator->token, NULL, "application/json", body,
                   &answer);
      g_assert_cmpuint (answer.status, ==, 400);
    }
  g_assert_cmpuint (revoke_by (served, administrator, coordinator->id, ""), ==, 200);
  g_assert_cmpuint (revoke_by (served, administrator, administrator->id, "mine"), ==, 200);
  g_assert_cmpuint (revoke_by (served, administrator, coordinator->id, ""), ==, 401);
}

/* The campaign package: whole, not again, and the rest of it */
static void
test_campaign (gconstpointer engine)
{
  static const struct
  {
    const char *range;
    guint status;
    gint64 from; /* of the part; negative: from the end */
    gint64 n;    /* 0: to the end */
  } ranges[] = {
    { "bytes=0-", 206, 0, 0 },         { "bytes=100-199", 206, 100, 100 },
    { "bytes=100-", 206, 100, 0 },     { "bytes=-10", 206, -10, 10 },
    { "bytes=0-99999999", 206, 0, 0 }, { "bytes=99999999-", 416, 0, 0 },
    { "bytes=-0", 416, 0, 0 },         { "bytes=5-1", 200, 0, 0 },
    { "bytes=1-2,4-5", 200, 0, 0 },    { "lines=1-2", 200, 0, 0 },
    { "bytes=a-", 200, 0, 0 },         { "bytes=", 200, 0, 0 },
  };
  g_autoptr (Served) served = served_new (engine);
  PlazaCampaign *campaign = served->fixture->campaign;
  GBytes *package = plaza_campaign_package (campaign);
  gint64 size = (gint64) g_bytes_get_size (package);
  g_autofree char *path = g_strconcat ("/v1/campaign/", campaign->fingerprint, NULL);
  g_autofree char *etag = NULL;
  g_autofree char *none_match = NULL;
  g_autofree char *several = NULL;
  g_autofree char *same = NULL;
  g_auto (Answer) answer = { 0 };

  served_send (served, "GET", path, NULL, NULL, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 200);
  g_assert_true (g_bytes_equal (answer.body, package));
  etag = answer_field (&answer, "ETag");
  g_assert_cmpuint (strlen (etag), ==, 66);

  none_match = g_strdup_printf ("If-None-Match: %s\r\nConnection: close\r\n", etag);
  several = g_strdup_printf ("If-None-Match: \"x\", W/%s\r\nConnection: close\r\n", etag);
  served_send (served, "GET", path, NULL, none_match, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 304);
  g_assert_cmpuint (g_bytes_get_size (answer.body), ==, 0);
  served_send (served, "GET", path, NULL, several, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 304);
  served_send (served, "GET", path, NULL, "If-None-Match: \"x\"\r\n", NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 200);

  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      g_autofree char *fields = g_strdup_printf ("Range: %s\r\n", ranges[i].range);
      g_autofree char *where = NULL;

      g_test_message ("%s", ranges[i].range);
      served_send (served, "GET", path, NULL, fields, NULL, NULL, &answer);
      g_assert_cmpuint (answer.status, ==, ranges[i].status);
      where = answer_field (&answer, "Content-Range");
      if (answer.status == 206)
        {
          gint64 from = ranges[i].from < 0 ? size + ranges[i].from : ranges[i].from;
          gint64 n = ranges[i].n > 0 ? ranges[i].n : size - from;
          g_autoptr (GBytes) part = g_bytes_new_from_bytes (package, (gsize) from, (gsize) n);
          g_autofree char *right =
              g_strdup_printf ("bytes %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                               from, from + n - 1, size);

          g_assert_true (g_bytes_equal (answer.body, part));
          g_assert_cmpstr (where, ==, right);
        }
      else if (answer.status == 200)
        g_assert_true (g_bytes_equal (answer.body, package));
      else
        g_assert_true (g_str_has_prefix (where, "bytes */"));
    }
  same = g_strdup_printf ("Range: bytes=10-\r\nIf-Range: %s\r\n", etag);
  served_send (served, "GET", path, NULL, same, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 206);
  served_send (served, "GET", path, NULL, "Range: bytes=10-\r\nIf-Range: \"old\"\r\n", NULL, NULL,
               &answer);
  g_assert_cmpuint (answer.status, ==, 200);
  g_assert_true (g_bytes_equal (answer.body, package));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
    { "matrix", test_matrix }, { "devices", test_devices },   { "rank", test_rank },
    { "paths", test_paths },   { "campaign", test_campaign },
  };
  const char *const *engines;
  int status;

  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  engines = fixture_databases ();
  for (guint i = 0; engines[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
      {
        g_autofree char *path = g_strdup_printf ("/routes/%s/%s", engines[i], tests[j].name);

        /* what does not touch the database is tried once */
        if (i == 0 || j < 3)
          g_test_add_data_func (path, engines[i], tests[j].func);
      }
  status = g_test_run ();
  fixture_stop ();
  return status;
}
