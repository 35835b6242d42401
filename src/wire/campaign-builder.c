/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "seal/hash.h"
#include "wire/bytes.h"
#include "wire/campaign-private.h"

struct _PlazaCampaignBuilder
{
  JsonObject *manifest;
  GPtrArray *names; /* (element-type utf8) in the order of the package */
  GPtrArray *files; /* (element-type GBytes) beside names */
};

PlazaCampaignBuilder *
plaza_campaign_builder_new (void)
{
  PlazaCampaignBuilder *builder = g_new0 (PlazaCampaignBuilder, 1);

  builder->names = g_ptr_array_new_with_free_func (g_free);
  builder->files = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return builder;
}

void
plaza_campaign_builder_free (PlazaCampaignBuilder *builder)
{
  g_clear_pointer (&builder->manifest, json_object_unref);
  g_ptr_array_unref (builder->names);
  g_ptr_array_unref (builder->files);
  g_free (builder);
}

gboolean
plaza_campaign_builder_set_manifest (PlazaCampaignBuilder *builder,
                                     GBytes *manifest,
                                     GError **error)
{
  JsonObject *object = plaza_json_parse_object (manifest, NULL, error);

  if (object == NULL)
    {
      g_prefix_error (error, "Campaign manifest: ");
      return FALSE;
    }
  g_clear_pointer (&builder->manifest, json_object_unref);
  builder->manifest = object;
  return TRUE;
}

gboolean
plaza_campaign_builder_add_file (PlazaCampaignBuilder *builder,
                                 const char *name,
                                 GBytes *content,
                                 GError **error)
{
  if (!plaza_campaign_name_is_safe (name))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "A file of a campaign cannot be called that");
  for (guint i = 0; i < builder->names->len; i++)
    if (strcmp (builder->names->pdata[i], name) == 0)
      return plaza_throw (error, PLAZA_ERROR_EXISTS, "The campaign has a file %s already", name);
  g_ptr_array_add (builder->names, g_strdup (name));
  g_ptr_array_add (builder->files, g_bytes_ref (content));
  return TRUE;
}

/* A copy of @object, whose members may then be replaced: what the parser gave is immutable. */
static JsonObject *
copy_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (copy, name, json_node_ref (node));
  return copy;
}

static JsonObject *
complete_manifest (PlazaCampaignBuilder *builder, const PlazaPublicKey *key)
{
  JsonObject *manifest = copy_object (builder->manifest);
  JsonArray *files = json_array_new ();
  JsonNode *keys = json_object_get_member (manifest, "keys");

  for (guint i = 0; i < builder->names->len; i++)
    {
      JsonObject *file = json_object_new ();
      g_autofree char *hash_text = NULL;
      PlazaHash hash;

      plaza_hash_bytes (builder->files->pdata[i], &hash);
      hash_text = plaza_hash_to_string (&hash);
      json_object_set_string_member (file, "name", builder->names->pdata[i]);
      json_object_set_int_member (file, "size",
                                  (gint64) g_bytes_get_size (builder->files->pdata[i]));
      json_object_set_string_member (file, "hash", hash_text);
      json_array_add_object_element (files, file);
    }
  json_object_set_array_member (manifest, "files", files);
  if (keys != NULL && JSON_NODE_HOLDS_OBJECT (keys) &&
      !json_object_has_member (json_node_get_object (keys), "campaign"))
    {
      JsonObject *with_key = copy_object (json_node_get_object (keys));
      g_autofree char *text = plaza_public_key_to_string (key);

      json_object_set_string_member (with_key, "campaign", text);
      json_object_set_object_member (manifest, "keys", with_key);
    }
  return manifest;
}

GBytes *
plaza_campaign_builder_sign (PlazaCampaignBuilder *builder,
                             const PlazaSecret *campaign_secret,
                             GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (JsonObject) manifest = NULL;
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GBytes) package = NULL;
  g_autoptr (PlazaCampaign) check = NULL;
  guint8 signature[PLAZA_SIGNATURE_SIZE];
  PlazaPublicKey key;
  PlazaHash hash;

  if (builder->manifest == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "The campaign has no manifest");
      return NULL;
    }
  if (!plaza_sign_public (campaign_secret, &key, error))
    return NULL;
  manifest = complete_manifest (builder, &key);
  json = plaza_json_write_object (manifest);

  g_byte_array_append (out, (const guint8 *) PLAZA_CAMPAIGN_MAGIC, PLAZA_CAMPAIGN_MAGIC_SIZE);
  g_byte_array_append (out, key.bytes, sizeof key.bytes);
  plaza_append_u32 (out, (guint32) g_bytes_get_size (json));
  plaza_append_bytes (out, json);
  for (guint i = 0; i < builder->files->len; i++)
    {
      if (g_bytes_get_size (builder->files->pdata[i]) > PLAZA_CAMPAIGN_MAX_BYTES - out->len)
        {
          plaza_throw (error, PLAZA_ERROR_LIMIT, "The campaign package is too large");
          return NULL;
        }
      plaza_append_bytes (out, builder->files->pdata[i]);
    }
  plaza_hash_data (out->data, out->len, &hash);
  plaza_sign (campaign_secret, hash.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, signature, sizeof signature);

  package = g_byte_array_free_to_bytes (g_steal_pointer (&out));
  check = plaza_campaign_parse (package, NULL, error);
  return check != NULL ? g_steal_pointer (&package) : NULL;
}
