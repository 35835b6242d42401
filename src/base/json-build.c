/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/json-build.h"

#include <string.h>

/* As deep as the gate lets a document be. */
#define MAX_DEPTH 256

typedef struct
{
  const char *at;
  const char *end;
  GString *decoded;
} Builder;

static void
skip_blanks (Builder *self)
{
  while (self->at < self->end &&
         (*self->at == ' ' || *self->at == '\t' || *self->at == '\n' || *self->at == '\r'))
    self->at++;
}

static gunichar
read_hex4 (const char *digits)
{
  gunichar value = 0;

  for (guint i = 0; i < 4; i++)
    value = value << 4 | (gunichar) g_ascii_xdigit_value (digits[i]);
  return value;
}

/* After the backslash. */
static void
decode_escape (Builder *self)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  gunichar point;

  if (*self->at != 'u')
    {
      g_string_append_c (self->decoded, meanings[strchr (letters, *self->at) - letters]);
      self->at++;
      return;
    }
  point = read_hex4 (self->at + 1);
  self->at += 5;
  if (point >= 0xD800 && point <= 0xDBFF) /* the gate saw its other half */
    {
      point = 0x10000 + ((point - 0xD800) << 10) + (read_hex4 (self->at + 2) - 0xDC00);
      self->at += 6;
    }
  g_string_append_unichar (self->decoded, point);
}

/* At the opening quote. Returns the decoded text, which the next string overwrites. */
static const char *
read_string (Builder *self)
{
  g_string_truncate (self->decoded, 0);
  self->at++;
  for (;;)
    {
      const char *from = self->at;

      while (*self->at != '"' && *self->at != '\\')
        self->at++;
      g_string_append_len (self->decoded, from, self->at - from);
      if (*self->at++ == '"')
        return self->decoded->str;
      decode_escape (self);
    }
}

static JsonNode *
read_number (Builder *self)
{
  char text[160];
  gsize length = 0;
  gboolean integer = TRUE;
  JsonNode *node = json_node_alloc ();

  while (self->at < self->end && strchr ("+-.eE0123456789", *self->at) != NULL &&
         length < sizeof text - 1)
    {
      integer = integer && strchr (".eE", *self->at) == NULL;
      text[length++] = *self->at++;
    }
  text[length] = '\0';
  return integer ? json_node_init_int (node, g_ascii_strtoll (text, NULL, 10))
                 : json_node_init_double (node, g_ascii_strtod (text, NULL));
}

static JsonNode *
read_scalar (Builder *self)
{
  switch (*self->at)
    {
    case '"':
      return json_node_init_string (json_node_alloc (), read_string (self));
    case 't':
      self->at += strlen ("true");
      return json_node_init_boolean (json_node_alloc (), TRUE);
    case 'f':
      self->at += strlen ("false");
      return json_node_init_boolean (json_node_alloc (), FALSE);
    case 'n':
      self->at += strlen ("null");
      return json_node_init_null (json_node_alloc ());
    default:
      return read_number (self);
    }
}

static JsonNode *
open_container (Builder *self)
{
  JsonNode *node;

  if (*self->at++ == '{')
    {
      g_autoptr (JsonObject) object = json_object_new ();

      node = json_node_init_object (json_node_alloc (), object);
    }
  else
    {
      g_autoptr (JsonArray) array = json_array_new ();

      node = json_node_init_array (json_node_alloc (), array);
    }
  return node;
}

/* The value belongs to @parent, under @name when that is an object; NULL: it is the document. */
static void
attach (JsonNode *parent, const char *name, JsonNode *node)
{
  if (parent == NULL)
    return;
  if (JSON_NODE_HOLDS_OBJECT (parent))
    json_object_set_member (json_node_get_object (parent), name, node);
  else
    json_array_add_element (json_node_get_array (parent), node);
}

JsonNode *
plaza_json_build (const char *data, gsize length)
{
  Builder self = { data, data + length, g_string_sized_new (128) };
  JsonNode *open[MAX_DEPTH];
  guint depth = 0;
  JsonNode *root = NULL;

  do
    {
      JsonNode *parent = depth > 0 ? open[depth - 1] : NULL;
      g_autofree char *name = NULL;
      JsonNode *node;

      skip_blanks (&self);
      if (*self.at == ',')
        {
          self.at++;
          continue;
        }
      if (*self.at == '}' || *self.at == ']')
        {
          self.at++;
          depth--;
          continue;
        }
      if (parent != NULL && JSON_NODE_HOLDS_OBJECT (parent))
        {
          name = g_strdup (read_string (&self));
          skip_blanks (&self);
          self.at++; /* the colon */
          skip_blanks (&self);
        }
      if (*self.at == '{' || *self.at == '[')
        {
          g_assert (depth < MAX_DEPTH);
          node = open_container (&self);
          open[depth++] = node;
        }
      else
        node = read_scalar (&self);
      attach (parent, name, node);
      if (root == NULL)
        root = node;
    }
  while (depth > 0);
  g_string_free (self.decoded, TRUE);
  return root;
}
