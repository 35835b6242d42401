/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices that make themselves known and keep their token alive. */
#include "base/clock.h"
#include "base/uuid.h"
#include "central/challenge.h"
#include "central/enrolment.h"
#include "served.h"
#include "wire/joinlink.h"
#include "wire/token.h"

#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

static guint
probe (Served *served, const char *token)
{
  g_auto (Answer) answer = { 0 };

  served_send (served, "GET", "/v1/probe", token, NULL, NULL, NULL, &answer);
  return answer.status;
}

static GBytes *
get_challenge (Served *served)
{
  g_auto (Answer) answer = { 0 };
  g_autoptr (GError) error = NULL;
  GBytes *challenge;

  served_send (served, "GET", "/v1/challenge", NULL, NULL, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 200);
  challenge = plaza_challenge_parse (answer.body, &error);
  g_assert_no_error (error);
  return challenge;
}

static GBytes *
token_request (Served *served, const char *device, const PlazaSecret *secret, GBytes *challenge)
{
  g_auto (PlazaTokenRequest) request = { 0 };
  g_autoptr (GError) error = NULL;

  plaza_token_request_sign (&request, served->fixture->campaign->fingerprint, device, challenge,
                            secret, &error);
  g_assert_no_error (error);
  return plaza_token_request_to_json (&request);
}

/* The token, or NULL with the status and code of the refusal. */
static char *
renew (Served *served, const char *device, const PlazaSecret *secret, guint *status, char **code)
{
  g_autoptr (GBytes) challenge = get_challenge (served);
  g_autoptr (GBytes) body = token_request (served, device, secret, challenge);
  g_auto (PlazaTokenGrant) grant = { 0 };
  g_auto (Answer) answer = { 0 };
  g_autoptr (GError) error = NULL;

  served_send (served, "POST", "/v1/token", NULL, NULL, "application/json", body, &answer);
  *status = answer.status;
  if (answer.status != 200)
    {
      if (code != NULL)
        {
          g_free (*code);
          *code = answer_code (&answer);
        }
      return NULL;
    }
  plaza_token_grant_parse (answer.body, &grant, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&grant.token);
}

/* A token expires; the device key makes another; the old one dies when the new one is used */
static void
test_renewal (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  guint status;

  g_assert_cmpuint (probe (served, laptop->token), ==, 200);
  first = renew (served, laptop->id, laptop->secret, &status, NULL);
  second = renew (served, laptop->id, laptop->secret, &status, NULL);
  g_assert_cmpuint (status, ==, 200);
  /* the first answer was lost: only the last one counts, and the old token until then */
  g_assert_cmpuint (probe (served, first), ==, 401);
  g_assert_cmpuint (probe (served, laptop->token), ==, 200);
  g_assert_cmpuint (probe (served, second), ==, 200);
  g_assert_cmpuint (probe (served, laptop->token), ==, 401);
  g_assert_cmpuint (probe (served, second), ==, 200);

  plaza_clock_set_shift (89 * DAY_MS);
  g_assert_cmpuint (probe (served, second), ==, 200);
  plaza_clock_set_shift (91 * DAY_MS);
  g_assert_cmpuint (probe (served, second), ==, 401);
  third = renew (served, laptop->id, laptop->secret, &status, NULL);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpuint (probe (served, third), ==, 200);
  g_assert_cmpuint (probe (served, second), ==, 401);
  served_restart (served);
  g_assert_cmpuint (probe (served, third), ==, 200);
  plaza_clock_set_shift (0);
}

static void
revoke_device (Fixture *fixture, const char *device)
{
  PlazaStorage *storage = fixture->storage;
  gboolean found;
  g_autoptr (GError) error = NULL;

  storage->table->begin (storage, &error);
  g_assert_no_error (error);
  storage->table->revoke_device (storage, device, plaza_clock_now_ms (), &found, &error);
  g_assert_no_error (error);
  g_assert_true (found);
  storage->table->commit (storage, &error);
  g_assert_no_error (error);
}

/* Nobody else gets one, a revoked device gets none, and an old challenge is worth nothing */
static void
test_refused (gconstpointer engine)
{
  g_autoptr (Fixture) owned = fixture_new (engine);
  g_autoptr (Served) served = NULL;
  g_autoptr (Laptop) laptop = NULL;
  g_autoptr (Laptop) other = NULL;
  g_autofree char *nobody = plaza_uuid_random ();
  g_autofree char *waiting = NULL;
  g_autofree char *code = NULL;
  g_autoptr (GBytes) stale = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GBytes) made_up = NULL;
  g_autoptr (GBytes) forged = NULL;
  g_auto (Answer) answer = { 0 };
  guint status;

  owned->central->enrol_tries = 100;
  served = served_new_on (g_steal_pointer (&owned));
  laptop = laptop_new (served->fixture, "Ana", "a");
  other = laptop_new (served->fixture, "Bea", "a");

  g_assert_null (renew (served, laptop->id, other->secret, &status, &code));
  g_assert_cmpuint (status, ==, 422);
  g_assert_cmpstr (code, ==, "signature");
  g_assert_null (renew (served, nobody, laptop->secret, &status, &code));
  g_assert_cmpuint (status, ==, 422);
  g_assert_cmpstr (code, ==, "signature");

  stale = get_challenge (served);
  body = token_request (served, laptop->id, laptop->secret, stale);
  plaza_clock_set_shift (4 * 60 * 1000);
  served_send (served, "POST", "/v1/token", NULL, NULL, "application/json", body, &answer);
  g_assert_cmpuint (answer.status, ==, 200);
  plaza_clock_set_shift (6 * 60 * 1000);
  served_send (served, "POST", "/v1/token", NULL, NULL, "application/json", body, &answer);
  g_assert_cmpuint (answer.status, ==, 422);
  g_free (code);
  code = answer_code (&answer);
  g_assert_cmpstr (code, ==, "challenge");
  plaza_clock_set_shift (0);

  made_up = g_bytes_new_take (g_malloc0 (PLAZA_CHALLENGE_SIZE), PLAZA_CHALLENGE_SIZE);
  forged = token_request (served, laptop->id, laptop->secret, made_up);
  served_send (served, "POST", "/v1/token", NULL, NULL, "application/json", forged, &answer);
  g_assert_cmpuint (answer.status, ==, 422);

  waiting = renew (served, laptop->id, laptop->secret, &status, NULL);
  g_assert_cmpuint (status, ==, 200);
  revoke_device (served->fixture, laptop->id);
  g_assert_cmpuint (probe (served, laptop->token), ==, 401);
  g_assert_cmpuint (probe (served, waiting), ==, 401);
  g_assert_null (renew (served, laptop->id, laptop->secret, &status, &code));
  g_assert_cmpuint (status, ==, 403);
  g_assert_cmpstr (code, ==, "device-revoked");
}

/* Every bit of a challenge is under its check */
static void
test_challenge (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (GBytes) challenge = plaza_challenge_new (fixture->central);
  g_autoptr (GBytes) another = plaza_challenge_new (fixture->central);

  g_assert_true (plaza_challenge_check (fixture->central, challenge));
  g_assert_false (g_bytes_equal (challenge, another));
  for (guint bit = 0; bit < PLAZA_CHALLENGE_SIZE * 8; bit++)
    {
      guint8 *bytes = g_memdup2 (g_bytes_get_data (challenge, NULL), PLAZA_CHALLENGE_SIZE);
      g_autoptr (GBytes) flipped = NULL;

      bytes[bit / 8] ^= (guint8) (1u << bit % 8);
      flipped = g_bytes_new_take (bytes, PLAZA_CHALLENGE_SIZE);
      g_assert_false (plaza_challenge_check (fixture->central, flipped));
    }
}

/* Guessing is slowed down for the address: of codes, on both ways to join; and of keys */
static void
test_guessing (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autoptr (PlazaSecret) wrong = NULL;
  g_autoptr (GBytes) junk = g_bytes_new_take (g_malloc0 (100), 100);
  g_autoptr (GBytes) joining = g_bytes_new_static ("{}", 2);
  g_autofree char *field = NULL;
  g_autofree char *token = NULL;
  g_auto (Answer) answer = { 0 };
  PlazaPublicKey key;
  guint status = 422;

  for (guint i = 0; i < 5; i++)
    {
      served_send (served, "POST", "/v1/enrol", NULL, NULL, "application/json", joining, &answer);
      g_assert_cmpuint (answer.status, ==, 400);
      served_send (served, "POST", "/v1/devices", NULL, NULL, PLAZA_REGISTRATION_TYPE, junk,
                   &answer);
      g_assert_cmpuint (answer.status, ==, 422);
    }
  served_send (served, "POST", "/v1/enrol", NULL, NULL, "application/json", joining, &answer);
  g_assert_cmpuint (answer.status, ==, 429);
  served_send (served, "POST", "/v1/devices", NULL, NULL, PLAZA_REGISTRATION_TYPE, junk, &answer);
  g_assert_cmpuint (answer.status, ==, 429);
  field = answer_field (&answer, "Retry-After");
  g_assert_nonnull (field);

  /* the keys of other laptops at that address still work, until keys are guessed as well */
  token = renew (served, laptop->id, laptop->secret, &status, NULL);
  g_assert_cmpuint (status, ==, 200);
  plaza_sign_keypair (&key, &wrong);
  for (guint i = 0; i < 70 && status != 429; i++)
    g_assert_null (renew (served, laptop->id, wrong, &status, NULL));
  g_assert_cmpuint (status, ==, 429);
  g_assert_null (renew (served, laptop->id, laptop->secret, &status, NULL));
  g_assert_cmpuint (status, ==, 429);
  /* whoever has a token goes on */
  g_assert_cmpuint (probe (served, token), ==, 200);
}

/* Joining without a connection */

typedef struct
{
  char *code;
  PlazaInvitation invitation;
  PlazaRegistration registration;
  PlazaSecret *secret;
} Offline;

static Offline *
offline_new (Fixture *fixture, guint hours)
{
  Offline *self = g_new0 (Offline, 1);
  PlazaStorage *storage = fixture->storage;
  g_autoptr (GError) error = NULL;

  storage->table->begin (storage, &error);
  g_assert_no_error (error);
  self->code = plaza_enrolment_new_code (fixture->central, storage, fixture->campaign, "Ana", "a",
                                         "facilitator", hours, &self->invitation, &error);
  g_assert_no_error (error);
  storage->table->commit (storage, &error);
  g_assert_no_error (error);
  plaza_sign_keypair (&self->registration.device_key, &self->secret);
  self->registration.campaign = g_strdup (fixture->campaign->fingerprint);
  self->registration.device = plaza_uuid_random ();
  self->registration.code = plaza_join_code_normalise (self->code, &error);
  g_assert_no_error (error);
  self->registration.person = g_strdup ("Ana");
  self->registration.joined_ms = plaza_clock_now_ms ();
  return self;
}

static void
offline_free (Offline *self)
{
  plaza_secret_wipe_string (self->code);
  plaza_invitation_clear (&self->invitation);
  plaza_registration_clear (&self->registration);
  plaza_secret_unref (self->secret);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Offline, offline_free)

static GBytes *
offline_bytes (Offline *self, Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = plaza_registration_make (&self->registration, &fixture->central->seal_public,
                                           self->secret, &error);

  g_assert_no_error (error);
  return bytes;
}

static void
bring (Served *served, GBytes *registration, guint status, const char *code)
{
  g_auto (Answer) answer = { 0 };

  served_send (served, "POST", "/v1/devices", NULL, NULL, PLAZA_REGISTRATION_TYPE, registration,
               &answer);
  if (answer.status != status)
    g_test_message ("%u: %.*s", answer.status, (int) g_bytes_get_size (answer.body),
                    (const char *) g_bytes_get_data (answer.body, NULL));
  g_assert_cmpuint (answer.status, ==, status);
  if (code != NULL)
    {
      g_autofree char *given = answer_code (&answer);

      g_assert_cmpstr (given, ==, code);
    }
}

/* A laptop that joined alone is known once anybody brings its registration, and its work counts */
static void
test_registration (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  Fixture *fixture = served->fixture;
  g_autoptr (Laptop) carrier = laptop_new (fixture, "Bea", "b");
  g_autoptr (Offline) offline = offline_new (fixture, 1);
  g_autoptr (GBytes) registration = offline_bytes (offline, fixture);
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GBytes) early = NULL;
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (PlazaReceipt) receipt = NULL;
  g_auto (PlazaDevice) device = { 0 };
  g_autofree char *token = NULL;
  g_autoptr (GError) error = NULL;
  Laptop alone = { .fixture = fixture,
                   .id = offline->registration.device,
                   .batch = offline->invitation.batch,
                   .person = offline->invitation.person,
                   .key = offline->registration.device_key,
                   .secret = offline->secret };
  gboolean found;
  guint status;

  envelope = laptop_pack (&alone, laptop_response (&alone, "a", NULL, NULL), NULL);
  early = served_post_envelope (served, carrier->token, envelope, &status);
  g_assert_cmpuint (status, ==, 422);

  bring (served, registration, 201, NULL);
  bring (served, registration, 201, NULL);
  fixture->storage->table->find_device (fixture->storage, alone.id, &device, &found, &error);
  g_assert_no_error (error);
  g_assert_true (found);
  g_assert_cmpstr (device.batch, ==, offline->invitation.batch);
  g_assert_cmpstr (device.organisation, ==, "a");
  g_assert_cmpstr (device.role, ==, "facilitator");

  answer = served_post_envelope (served, carrier->token, envelope, &status);
  g_assert_cmpuint (status, ==, 200);
  receipt = served_read_receipt (served, answer, envelope);
  g_assert_cmpint (receipt->statuses[0], ==, PLAZA_RECEIPT_STORED);

  token = renew (served, alone.id, alone.secret, &status, NULL);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpuint (probe (served, token), ==, 200);
  /* what was taken in once stays so, whatever is revoked later */
  revoke_device (fixture, alone.id);
  bring (served, registration, 201, NULL);
}

static void
test_registration_refused (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  Fixture *fixture = served->fixture;
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Bea", "b");
  g_autoptr (Offline) offline = offline_new (fixture, 1);
  g_autoptr (Offline) thief = offline_new (fixture, 1);
  g_autoptr (Offline) twin = offline_new (fixture, 1);
  g_autoptr (Offline) guess = offline_new (fixture, 1);
  g_autoptr (GBytes) registration = offline_bytes (offline, fixture);
  g_autoptr (GBytes) used = NULL;
  g_autoptr (GBytes) taken = NULL;
  g_autoptr (GBytes) unknown = NULL;
  g_autoptr (GBytes) flipped = NULL;
  gsize length;
  guint8 *bytes;

  bring (served, registration, 201, NULL);
  /* the same code by another device */
  g_free (thief->registration.code);
  thief->registration.code = g_strdup (offline->registration.code);
  used = offline_bytes (thief, fixture);
  bring (served, used, 409, "code-used");
  /* an id that another device has */
  g_free (twin->registration.device);
  twin->registration.device = g_strdup (laptop->id);
  taken = offline_bytes (twin, fixture);
  bring (served, taken, 409, "conflict");
  g_free (guess->registration.code);
  guess->registration.code = plaza_join_code_new ();
  unknown = offline_bytes (guess, fixture);
  bring (served, unknown, 404, "code-unknown");
  bytes = g_memdup2 (g_bytes_get_data (registration, &length), g_bytes_get_size (registration));
  bytes[100] ^= 1;
  flipped = g_bytes_new_take (bytes, g_bytes_get_size (registration));
  bring (served, flipped, 422, "registration");
}

/* A code may expire while the stick is on its way, but not before the laptop joined */
static void
test_registration_late (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Offline) in_time = offline_new (served->fixture, 1);
  g_autoptr (Offline) too_late = offline_new (served->fixture, 1);
  g_autoptr (Offline) forgotten = offline_new (served->fixture, 1);
  g_autoptr (GBytes) first = offline_bytes (in_time, served->fixture);
  g_autoptr (GBytes) second = NULL;
  g_autoptr (GBytes) third = offline_bytes (forgotten, served->fixture);

  too_late->registration.joined_ms += 2 * 60 * 60 * 1000;
  second = offline_bytes (too_late, served->fixture);
  plaza_clock_set_shift (20 * DAY_MS);
  bring (served, first, 201, NULL);
  bring (served, second, 410, "code-expired");
  plaza_clock_set_shift (91 * DAY_MS);
  bring (served, third, 410, "code-expired");
  bring (served, first, 201, NULL);
  plaza_clock_set_shift (0);
}

/* A device that joins by network has the batch that its code was printed with */
static void
test_batch (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  PlazaStorage *storage = fixture->storage;
  g_autoptr (Offline) invited = offline_new (fixture, 1);
  g_autoptr (Laptop) between = laptop_new (fixture, "Bea", "b");
  g_auto (PlazaEnrolRequest) request = { 0 };
  g_auto (PlazaEnrolment) enrolment = { 0 };
  g_autoptr (GError) error = NULL;
  PlazaResult result;

  g_assert_cmpstr (between->batch, !=, invited->invitation.batch);
  request.code = g_strdup (invited->registration.code);
  request.device_key = invited->registration.device_key;
  request.fingerprint = g_strdup (fixture->campaign->fingerprint);
  storage->table->begin (storage, &error);
  g_assert_no_error (error);
  plaza_enrolment_join (fixture->central, storage, &request, &enrolment, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result, ==, PLAZA_RESULT_OK);
  storage->table->commit (storage, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (enrolment.batch, ==, invited->invitation.batch);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
    { "renewal", test_renewal },
    { "refused", test_refused },
    { "registration", test_registration },
    { "registration-refused", test_registration_refused },
    { "registration-late", test_registration_late },
    { "batch", test_batch },
    { "challenge", test_challenge },
    { "guessing", test_guessing },
  };
  const char *const *engines;
  int status;

  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  engines = fixture_databases ();
  for (guint i = 0; engines[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
      {
        g_autofree char *path = g_strdup_printf ("/tokens/%s/%s", engines[i], tests[j].name);

        /* what does not touch the database is tried once */
        if (i == 0 || j < 6)
          g_test_add_data_func (path, engines[i], tests[j].func);
      }
  status = g_test_run ();
  fixture_stop ();
  return status;
}
