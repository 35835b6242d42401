/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/invitation.h"

#include <sodium.h>
#include <string.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/json.h"
#include "seal/aead.h"
#include "seal/hash.h"
#include "wire/bytes.h"
#include "wire/joinlink.h"
#include "wire/record.h"

#define MAGIC "PLZINV01"
#define MAGIC_STEM 6
#define MAGIC_SIZE 8
#define HEAD_SIZE (MAGIC_SIZE + PLAZA_HASH_SIZE + PLAZA_KEY_ID_SIZE + 4)
#define LOOKUP_SIZE 16
#define ITEM_HEAD_SIZE (LOOKUP_SIZE + 2)
#define MAX_BOX 4096

#define ROOT_OPS 1
#define ROOT_MEMORY (8u << 20)

/* One sealed invitation. */
typedef struct
{
  guint8 lookup[LOOKUP_SIZE];
  GBytes *box;
} Item;

struct _PlazaInvitations
{
  PlazaHash campaign;
  GArray *items; /* (element-type Item), by rising lookup */
};

struct _PlazaInvitationsBuilder
{
  PlazaHash campaign;
  GArray *items;
  gsize size; /* of the file that they make */
};

#define FIELD(member, type, max) \
  { \
#member, G_STRUCT_OFFSET(PlazaInvitation, member), PLAZA_FIELD_##type, max, FALSE \
  }

static const PlazaField fields[] = {
  FIELD (batch, NAME, 4),
  FIELD (organisation, TEXT, 100),
  FIELD (person, NAME, 100),
  FIELD (role, NAME, 40),
};

void
plaza_invitation_clear (PlazaInvitation *invitation)
{
  plaza_fields_clear (fields, G_N_ELEMENTS (fields), invitation);
  invitation->expires_ms = 0;
}

static void
item_clear (gpointer data)
{
  g_bytes_unref (((Item *) data)->box);
}

static GArray *
new_items (void)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (Item));

  g_array_set_clear_func (items, item_clear);
  return items;
}

static int
compare_items (gconstpointer a, gconstpointer b)
{
  return memcmp (((const Item *) a)->lookup, ((const Item *) b)->lookup, LOOKUP_SIZE);
}

/* What a code alone gives */

typedef struct
{
  guint8 lookup[LOOKUP_SIZE];
  PlazaSecret *key;
  GBytes *ad; /* campaign ‖ lookup */
} Opening;

static void
opening_clear (Opening *opening)
{
  g_clear_pointer (&opening->key, plaza_secret_unref);
  g_clear_pointer (&opening->ad, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Opening, opening_clear)

static gboolean
derive (const PlazaHash *campaign, const char *code, Opening *out, GError **error)
{
  g_autofree char *normal = plaza_join_code_normalise (code, error);
  g_autoptr (PlazaSecret) root = NULL;
  g_autoptr (PlazaSecret) finding = NULL;
  guint8 ad[PLAZA_HASH_SIZE + LOOKUP_SIZE];
  gboolean ok;

  if (normal == NULL)
    return FALSE;
  root = plaza_secret_new (32);
  G_STATIC_ASSERT (crypto_pwhash_SALTBYTES <= PLAZA_HASH_SIZE);
  ok = crypto_pwhash (plaza_secret_bytes (root), 32, normal, strlen (normal), campaign->bytes,
                      ROOT_OPS, ROOT_MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
  explicit_bzero (normal, strlen (normal));
  if (!ok)
    return plaza_throw (error, PLAZA_ERROR_FAILED, "No memory to derive the invitation's key");
  finding = plaza_key_derive (root, "invitation lookup");
  memcpy (out->lookup, plaza_secret_bytes (finding), LOOKUP_SIZE);
  out->key = plaza_key_derive (root, "invitation box");
  memcpy (ad, campaign->bytes, PLAZA_HASH_SIZE);
  memcpy (ad + PLAZA_HASH_SIZE, out->lookup, LOOKUP_SIZE);
  out->ad = g_bytes_new (ad, sizeof ad);
  return TRUE;
}

char *
plaza_invitation_lookup (const char *fingerprint, const char *code, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_base32_decode (fingerprint, PLAZA_HASH_SIZE, error);
  g_auto (Opening) opening = { 0 };
  GString *text;
  PlazaHash campaign;

  if (bytes == NULL)
    return NULL;
  memcpy (campaign.bytes, g_bytes_get_data (bytes, NULL), PLAZA_HASH_SIZE);
  if (!derive (&campaign, code, &opening, error))
    return NULL;
  text = g_string_new (NULL);
  for (guint i = 0; i < LOOKUP_SIZE; i++)
    g_string_append_printf (text, "%02x", opening.lookup[i]);
  return g_string_free (text, FALSE);
}

/* Reading */

static gboolean
read_head (PlazaReader *reader, PlazaCampaign *campaign, guint32 *out_count, GError **error)
{
  const PlazaPublicKey *const keys[] = { &campaign->key_central_sign,
                                         &campaign->key_central_sign_spare };
  const guint8 *magic = plaza_reader_take (reader, MAGIC_SIZE);
  const guint8 *owner, *key_id;
  PlazaHash wanted, hash;

  if (memcmp (magic, MAGIC, MAGIC_STEM) != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Not a list of invitations");
  if (memcmp (magic, MAGIC, MAGIC_SIZE) != 0)
    return plaza_throw (error, PLAZA_ERROR_NEWER, "The invitations are of a newer version");
  owner = plaza_reader_take (reader, PLAZA_HASH_SIZE);
  key_id = plaza_reader_take (reader, PLAZA_KEY_ID_SIZE);
  plaza_reader_u32 (reader, out_count);
  plaza_hash_data (campaign->key_campaign.bytes, sizeof campaign->key_campaign.bytes, &wanted);
  if (memcmp (owner, wanted.bytes, PLAZA_HASH_SIZE) != 0)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "The invitations are of another campaign");
  plaza_hash_data (reader->data, reader->length, &hash);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      guint8 id[PLAZA_KEY_ID_SIZE];

      plaza_public_key_id (keys[i], id);
      if (memcmp (id, key_id, sizeof id) == 0)
        return plaza_sign_verify (keys[i], hash.bytes, PLAZA_HASH_SIZE,
                                  reader->data + reader->length, error);
    }
  return plaza_throw (error, PLAZA_ERROR_SIGNATURE, "The invitations are signed with another key");
}

static gboolean
read_items (PlazaReader *reader, guint32 count, GArray *items, GError **error)
{
  for (guint32 i = 0; i < count; i++)
    {
      const guint8 *head = plaza_reader_take (reader, ITEM_HEAD_SIZE);
      const guint8 *box;
      Item item;
      gsize length;

      if (head == NULL)
        return plaza_throw (error, PLAZA_ERROR_INVALID, "The list is cut");
      length = (gsize) head[LOOKUP_SIZE] | (gsize) head[LOOKUP_SIZE + 1] << 8;
      box = plaza_reader_take (reader, length);
      if (box == NULL || length <= PLAZA_AEAD_OVERHEAD || length > MAX_BOX)
        return plaza_throw (error, PLAZA_ERROR_INVALID, "An invitation of an impossible size");
      memcpy (item.lookup, head, LOOKUP_SIZE);
      if (i > 0 && compare_items (&g_array_index (items, Item, i - 1), &item) >= 0)
        return plaza_throw (error, PLAZA_ERROR_INVALID, "The list is not in order");
      item.box = g_bytes_new (box, length);
      g_array_append_val (items, item);
    }
  if (reader->at != reader->length)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Something after the last invitation");
  return TRUE;
}

PlazaInvitations *
plaza_invitations_parse (GBytes *bytes, PlazaCampaign *campaign, GError **error)
{
  g_autoptr (PlazaInvitations) self = NULL;
  PlazaReader reader = { 0 };
  guint32 count = 0;

  reader.data = g_bytes_get_data (bytes, &reader.length);
  if (reader.length > PLAZA_INVITATIONS_MAX_BYTES)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "The list of invitations is too large");
      return NULL;
    }
  if (reader.length < HEAD_SIZE + PLAZA_SIGNATURE_SIZE)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Not a whole list of invitations");
      return NULL;
    }
  /* The reader sees what is signed; the signature stands behind it. */
  reader.length -= PLAZA_SIGNATURE_SIZE;
  if (!read_head (&reader, campaign, &count, error))
    {
      g_prefix_error (error, "Invitations: ");
      return NULL;
    }
  if (count > PLAZA_INVITATIONS_MAX)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "More invitations than a list holds");
      return NULL;
    }
  self = g_atomic_rc_box_new0 (PlazaInvitations);
  self->items = new_items ();
  plaza_hash_data (campaign->key_campaign.bytes, sizeof campaign->key_campaign.bytes,
                   &self->campaign);
  if (!read_items (&reader, count, self->items, error))
    {
      g_prefix_error (error, "Invitations: ");
      return NULL;
    }
  return g_steal_pointer (&self);
}

PlazaInvitations *
plaza_invitations_ref (PlazaInvitations *invitations)
{
  return g_atomic_rc_box_acquire (invitations);
}

static void
invitations_clear (gpointer data)
{
  g_array_unref (((PlazaInvitations *) data)->items);
}

void
plaza_invitations_unref (PlazaInvitations *invitations)
{
  g_atomic_rc_box_release_full (invitations, invitations_clear);
}

guint
plaza_invitations_get_size (PlazaInvitations *invitations)
{
  return invitations->items->len;
}

static gboolean
read_box (GBytes *plain, PlazaInvitation *out, GError **error)
{
  static const PlazaJsonLimits limits = { .max_bytes = MAX_BOX, .max_depth = 1, .max_values = 8 };
  static const char *const others[] = { "expires", NULL };
  g_autoptr (JsonObject) object = plaza_json_parse_object (plain, &limits, error);
  g_auto (PlazaInvitation) invitation = { 0 };

  if (object == NULL || !plaza_fields_only (fields, G_N_ELEMENTS (fields), object, others, error) ||
      !plaza_fields_read (fields, G_N_ELEMENTS (fields), object, &invitation, error) ||
      !plaza_json_get_int (object, "expires", 0, G_MAXINT64, &invitation.expires_ms, error))
    return FALSE;
  *out = invitation;
  invitation = (PlazaInvitation){ 0 };
  return TRUE;
}

gboolean
plaza_invitations_open (PlazaInvitations *invitations,
                        const char *code,
                        PlazaInvitation *out,
                        GError **error)
{
  g_auto (Opening) opening = { 0 };
  g_autoptr (GBytes) plain = NULL;
  Item wanted = { 0 };
  guint at;

  if (!derive (&invitations->campaign, code, &opening, error))
    return FALSE;
  memcpy (wanted.lookup, opening.lookup, LOOKUP_SIZE);
  if (!g_array_binary_search (invitations->items, &wanted, compare_items, &at))
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "No invitation has this code");
  plain = plaza_aead_open_padded (opening.key, g_array_index (invitations->items, Item, at).box,
                                  opening.ad, error);
  if (plain == NULL || !read_box (plain, out, error))
    {
      g_prefix_error (error, "Invitation: ");
      return FALSE;
    }
  return TRUE;
}

/* Writing */

PlazaInvitationsBuilder *
plaza_invitations_builder_new (PlazaCampaign *campaign)
{
  PlazaInvitationsBuilder *self = g_new0 (PlazaInvitationsBuilder, 1);

  plaza_hash_data (campaign->key_campaign.bytes, sizeof campaign->key_campaign.bytes,
                   &self->campaign);
  self->items = new_items ();
  self->size = HEAD_SIZE + PLAZA_SIGNATURE_SIZE;
  return self;
}

void
plaza_invitations_builder_free (PlazaInvitationsBuilder *builder)
{
  g_array_unref (builder->items);
  g_free (builder);
}

/* Takes @item, its box included, whether or not there is room. */
static gboolean
append (PlazaInvitationsBuilder *self, Item item, GError **error)
{
  gsize size = ITEM_HEAD_SIZE + g_bytes_get_size (item.box);

  if (self->items->len >= PLAZA_INVITATIONS_MAX || size > PLAZA_INVITATIONS_MAX_BYTES - self->size)
    {
      item_clear (&item);
      return plaza_throw (error, PLAZA_ERROR_LIMIT, "The list of invitations is full");
    }
  self->size += size;
  g_array_append_val (self->items, item);
  return TRUE;
}

static GBytes *
write_box (const PlazaInvitation *invitation, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();

  if (invitation->expires_ms < 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Invitation: expires before 1970");
      return NULL;
    }
  if (!plaza_fields_write (fields, G_N_ELEMENTS (fields), invitation, object, error))
    {
      g_prefix_error (error, "Invitation: ");
      return NULL;
    }
  json_object_set_int_member (object, "expires", invitation->expires_ms);
  return plaza_json_write_object (object);
}

gboolean
plaza_invitations_builder_add (PlazaInvitationsBuilder *builder,
                               const char *code,
                               const PlazaInvitation *invitation,
                               GError **error)
{
  g_autoptr (GBytes) plain = write_box (invitation, error);
  g_auto (Opening) opening = { 0 };
  Item item;

  if (plain == NULL || !derive (&builder->campaign, code, &opening, error))
    return FALSE;
  memcpy (item.lookup, opening.lookup, LOOKUP_SIZE);
  for (guint i = 0; i < builder->items->len; i++)
    if (compare_items (&g_array_index (builder->items, Item, i), &item) == 0)
      return plaza_throw (error, PLAZA_ERROR_EXISTS, "The list has an invitation for this code");
  item.box = plaza_aead_seal_padded (opening.key, plain, opening.ad);
  return append (builder, item, error);
}

gboolean
plaza_invitations_builder_add_list (PlazaInvitationsBuilder *builder,
                                    PlazaInvitations *older,
                                    GError **error)
{
  if (!plaza_hash_equal (&builder->campaign, &older->campaign))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "The older list is of another campaign");
  for (guint i = 0; i < older->items->len; i++)
    {
      Item item = g_array_index (older->items, Item, i);

      g_bytes_ref (item.box);
      if (!append (builder, item, error))
        return FALSE;
    }
  return TRUE;
}

GBytes *
plaza_invitations_builder_sign (PlazaInvitationsBuilder *builder,
                                const PlazaSecret *central_secret,
                                GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_sized_new ((guint) builder->size);
  PlazaPublicKey key;
  guint8 key_id[PLAZA_KEY_ID_SIZE];
  guint8 signature[PLAZA_SIGNATURE_SIZE];
  PlazaHash hash;

  if (!plaza_sign_public (central_secret, &key, error))
    return NULL;
  plaza_public_key_id (&key, key_id);
  g_array_sort (builder->items, compare_items);
  g_byte_array_append (out, (const guint8 *) MAGIC, MAGIC_SIZE);
  g_byte_array_append (out, builder->campaign.bytes, PLAZA_HASH_SIZE);
  g_byte_array_append (out, key_id, sizeof key_id);
  plaza_append_u32 (out, builder->items->len);
  for (guint i = 0; i < builder->items->len; i++)
    {
      const Item *item = &g_array_index (builder->items, Item, i);
      gsize length = g_bytes_get_size (item->box);
      const guint8 size[2] = { (guint8) (length & 0xff), (guint8) (length >> 8) };

      if (i > 0 && compare_items (item - 1, item) == 0)
        {
          plaza_throw (error, PLAZA_ERROR_EXISTS, "The list has an invitation twice");
          return NULL;
        }
      g_byte_array_append (out, item->lookup, LOOKUP_SIZE);
      g_byte_array_append (out, size, sizeof size);
      plaza_append_bytes (out, item->box);
    }
  plaza_hash_data (out->data, out->len, &hash);
  plaza_sign (central_secret, hash.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, signature, sizeof signature);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
