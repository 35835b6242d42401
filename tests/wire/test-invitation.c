/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/invitation.h"

#include "base/file.h"
#include "sample.h"
#include "wire/joinlink.h"

#define CODES 3

/* A campaign, its central's secret and a list for three codes. */
typedef struct
{
  Keys keys;
  PlazaPublicKey sign;
  PlazaSecret *sign_secret;
  PlazaCampaign campaign; /* only the keys, which is what invitations need */
  char *codes[CODES];
  GBytes *file;
} World;

static const char *const people[CODES] = { "Jacinta Ñeco", "F16", "Nahúm" };

static GBytes *
list_of (World *world, const PlazaSecret *secret)
{
  g_autoptr (PlazaInvitationsBuilder) builder = plaza_invitations_builder_new (&world->campaign);
  g_autoptr (GError) error = NULL;
  GBytes *file;

  for (guint i = 0; i < CODES; i++)
    {
      char batch[3] = { 'K', (char) ('1' + i), '\0' };
      const PlazaInvitation invitation = { .person = (char *) people[i],
                                           .organisation = (char *) (i == 1 ? "" : "sfp"),
                                           .role = (char *) "facilitator",
                                           .batch = batch,
                                           .expires_ms = 1560000000000 + i };

      g_assert_true (plaza_invitations_builder_add (builder, world->codes[i], &invitation, &error));
      g_assert_no_error (error);
    }
  file = plaza_invitations_builder_sign (builder, secret, &error);
  g_assert_no_error (error);
  return file;
}

static void
world_init (World *world)
{
  *world = (World){ 0 };
  keys_init (&world->keys);
  plaza_sign_keypair (&world->sign, &world->sign_secret);
  world->campaign.key_campaign = world->keys.campaign;
  world->campaign.key_central_sign = world->sign;
  world->campaign.key_central_sign_spare = world->keys.device;
  for (guint i = 0; i < CODES; i++)
    world->codes[i] = plaza_join_code_new ();
  world->file = list_of (world, world->sign_secret);
}

static void
world_clear (World *world)
{
  keys_clear (&world->keys);
  plaza_secret_unref (world->sign_secret);
  for (guint i = 0; i < CODES; i++)
    g_free (world->codes[i]);
  g_bytes_unref (world->file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static gboolean
holds (GBytes *bytes, const char *text)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return memmem (data, length, text, strlen (text)) != NULL;
}

static void
test_round_trip (void)
{
  g_auto (World) world = { 0 };
  g_autoptr (PlazaInvitations) list = NULL;
  g_autoptr (PlazaInvitations) spare = NULL;
  g_autoptr (GBytes) by_spare = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *stranger = plaza_join_code_new ();
  g_auto (PlazaInvitation) none = { 0 };

  world_init (&world);
  list = plaza_invitations_parse (world.file, &world.campaign, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_invitations_get_size (list), ==, CODES);
  for (guint i = 0; i < CODES; i++)
    {
      g_auto (PlazaInvitation) invitation = { 0 };
      /* As somebody types it who was told that groups and case do not matter. */
      g_autofree char *typed = g_ascii_strdown (world.codes[i], -1);

      g_strdelimit (typed, "-", ' ');
      g_assert_true (plaza_invitations_open (list, typed, &invitation, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (invitation.person, ==, people[i]);
      g_assert_cmpstr (invitation.organisation, ==, i == 1 ? "" : "sfp");
      g_assert_cmpstr (invitation.role, ==, "facilitator");
      g_assert_cmpint (invitation.batch[1], ==, (int) ('1' + i));
      g_assert_cmpint (invitation.expires_ms, ==, 1560000000000 + i);
      g_assert_false (holds (world.file, people[i]));
      g_assert_false (holds (world.file, world.codes[i]));
    }
  g_assert_false (plaza_invitations_open (list, stranger, &none, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (plaza_invitations_open (list, "ABCD-EFGH", &none, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_clear_error (&error);

  by_spare = list_of (&world, world.keys.device_secret);
  spare = plaza_invitations_parse (by_spare, &world.campaign, &error);
  g_assert_no_error (error);
}

/* Names of any length stand in boxes of two sizes only. */
static void
test_sizes (void)
{
  g_auto (World) world = { 0 };
  gsize sizes[3];
  static const char *const names[] = { "A", "Ana Lucía Hernández y Hernández",
                                       "ñññññññññññññññññññññññññññññññññññññññññññññññññññññññññññ"
                                       "ñññññññññññññññññññññññññññññññññññññññ" };

  world_init (&world);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (PlazaInvitationsBuilder) builder = plaza_invitations_builder_new (&world.campaign);
      g_autoptr (GBytes) file = NULL;
      g_autoptr (GError) error = NULL;
      const PlazaInvitation invitation = { (char *) names[i], (char *) "", (char *) "coordinator",
                                           (char *) "00", 1 };

      plaza_invitations_builder_add (builder, world.codes[0], &invitation, &error);
      g_assert_no_error (error);
      file = plaza_invitations_builder_sign (builder, world.sign_secret, &error);
      g_assert_no_error (error);
      sizes[i] = g_bytes_get_size (file);
    }
  g_assert_cmpuint (sizes[0], ==, sizes[1]);
  g_assert_cmpuint (sizes[2], ==, sizes[0] + 768);
}

static void
test_damage (void)
{
  g_auto (World) world = { 0 };
  g_auto (World) other = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) forged = NULL;
  gsize length;

  world_init (&world);
  world_init (&other);
  length = g_bytes_get_size (world.file);
  for (gsize bit = 0; bit < 8 * length; bit++)
    {
      g_autoptr (GBytes) flipped = flip_bit (world.file, bit);

      g_assert_null (plaza_invitations_parse (flipped, &world.campaign, NULL));
    }
  for (gsize cut = 0; cut < length; cut++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (world.file, 0, cut);

      g_assert_null (plaza_invitations_parse (part, &world.campaign, NULL));
    }
  g_assert_null (plaza_invitations_parse (world.file, &other.campaign, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  forged = list_of (&world, other.sign_secret);
  g_assert_null (plaza_invitations_parse (forged, &world.campaign, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
}

/* Codes made later join the list that is there, whose boxes nobody can open any more. */
static void
test_more (void)
{
  g_auto (World) world = { 0 };
  g_autoptr (PlazaInvitationsBuilder) builder = NULL;
  g_autoptr (PlazaInvitations) older = NULL;
  g_autoptr (PlazaInvitations) list = NULL;
  g_autoptr (GBytes) file = NULL;
  g_autofree char *code = plaza_join_code_new ();
  g_auto (PlazaInvitation) opened = { 0 };
  g_autoptr (GError) error = NULL;
  PlazaInvitation invitation = { (char *) "Rufina", (char *) "sfp", (char *) "facilitator",
                                 (char *) "K9", 5 };

  world_init (&world);
  older = plaza_invitations_parse (world.file, &world.campaign, NULL);
  builder = plaza_invitations_builder_new (&world.campaign);
  g_assert_true (plaza_invitations_builder_add_list (builder, older, &error));
  g_assert_true (plaza_invitations_builder_add (builder, code, &invitation, &error));
  g_assert_false (plaza_invitations_builder_add (builder, code, &invitation, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
  g_clear_error (&error);
  invitation.batch = (char *) "";
  g_assert_false (plaza_invitations_builder_add (builder, "0", &invitation, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_clear_error (&error);
  file = plaza_invitations_builder_sign (builder, world.sign_secret, &error);
  g_assert_no_error (error);
  list = plaza_invitations_parse (file, &world.campaign, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_invitations_get_size (list), ==, CODES + 1);
  g_assert_true (plaza_invitations_open (list, code, &opened, &error));
  g_assert_cmpstr (opened.person, ==, "Rufina");
  plaza_invitation_clear (&opened);
  g_assert_true (plaza_invitations_open (list, world.codes[2], &opened, &error));
  g_assert_cmpstr (opened.person, ==, people[2]);

  g_assert_true (plaza_invitations_builder_add_list (builder, older, NULL));
  g_assert_null (plaza_invitations_builder_sign (builder, world.sign_secret, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
}

static void
append_u32 (GByteArray *out, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

/* A list of @count small boxes as the central's own key could sign it. */
static GBytes *
sign_list (World *world, guint32 count, guint box)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree guint8 *bytes = g_malloc0 (box);
  const guint8 size[2] = { (guint8) (box & 0xff), (guint8) (box >> 8) };
  guint8 id[PLAZA_KEY_ID_SIZE], lookup[16] = { 0 }, signature[PLAZA_SIGNATURE_SIZE];
  PlazaHash hash;

  plaza_hash_data (world->keys.campaign.bytes, 32, &hash);
  plaza_public_key_id (&world->sign, id);
  g_byte_array_append (out, (const guint8 *) "PLZINV01", 8);
  g_byte_array_append (out, hash.bytes, PLAZA_HASH_SIZE);
  g_byte_array_append (out, id, sizeof id);
  append_u32 (out, count);
  for (guint32 i = 0; i < count; i++)
    {
      lookup[0] = (guint8) (i >> 16);
      lookup[1] = (guint8) (i >> 8);
      lookup[2] = (guint8) i;
      g_byte_array_append (out, lookup, sizeof lookup);
      g_byte_array_append (out, size, sizeof size);
      g_byte_array_append (out, bytes, box);
    }
  plaza_hash_data (out->data, out->len, &hash);
  plaza_sign (world->sign_secret, hash.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, signature, sizeof signature);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

static void
test_limits (void)
{
  static const struct
  {
    guint32 count;
    guint box;
    int code; /* -1: taken */
  } lists[] = {
    { 0, 41, -1 },
    { PLAZA_INVITATIONS_MAX, 41, -1 },
    { PLAZA_INVITATIONS_MAX + 1, 41, PLAZA_ERROR_LIMIT },
    { PLAZA_INVITATIONS_MAX, 402, PLAZA_ERROR_LIMIT }, /* over 8 MiB */
    { 1, 40, PLAZA_ERROR_INVALID },
    { 1, 5000, PLAZA_ERROR_INVALID },
  };
  g_auto (World) world = { 0 };

  world_init (&world);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (GBytes) file = sign_list (&world, lists[i].count, lists[i].box);
      g_autoptr (GError) error = NULL;
      g_autoptr (PlazaInvitations) list = plaza_invitations_parse (file, &world.campaign, &error);

      if (lists[i].code >= 0)
        {
          g_assert_error (error, PLAZA_ERROR, lists[i].code);
          g_assert_null (list);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpuint (plaza_invitations_get_size (list), ==, lists[i].count);
      if (lists[i].count == PLAZA_INVITATIONS_MAX)
        {
          g_autoptr (PlazaInvitationsBuilder) full =
              plaza_invitations_builder_new (&world.campaign);
          const PlazaInvitation invitation = { (char *) "A", (char *) "", (char *) "facilitator",
                                               (char *) "00", 1 };

          g_assert_true (plaza_invitations_builder_add_list (full, list, NULL));
          g_assert_false (
              plaza_invitations_builder_add (full, world.codes[0], &invitation, &error));
          g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/invitation/round-trip", test_round_trip);
  g_test_add_func ("/wire/invitation/sizes", test_sizes);
  g_test_add_func ("/wire/invitation/damage", test_damage);
  g_test_add_func ("/wire/invitation/more", test_more);
  g_test_add_func ("/wire/invitation/limits", test_limits);
  return g_test_run ();
}
