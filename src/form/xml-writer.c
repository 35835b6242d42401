/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xml.h"

#include <string.h>

typedef struct
{
  const char *prefix; /* "" = default */
  const char *uri;
} Binding;

typedef struct
{
  GString *out;
  GArray *scope; /* Binding, innermost last */
  PlazaXmlFilter filter;
  gpointer data;
} Writer;

static gboolean
is_xml_char (gunichar c)
{
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
         (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

static void
append_escaped (GString *out, const char *text, gboolean attribute)
{
  for (const char *p = text; *p != '\0';)
    {
      unsigned char c = (unsigned char) *p;
      if (c >= 0x80)
        {
          gunichar wide = g_utf8_get_char_validated (p, -1);
          if (wide == (gunichar) -1 || wide == (gunichar) -2)
            {
              p++;
              continue;
            }
          if (is_xml_char (wide))
            g_string_append_unichar (out, wide);
          p = g_utf8_next_char (p);
          continue;
        }
      if (c == '&')
        g_string_append (out, "&amp;");
      else if (c == '<')
        g_string_append (out, "&lt;");
      else if (c == '>')
        g_string_append (out, "&gt;");
      else if (c == '\r' || (attribute && (c == '\n' || c == '\t')))
        g_string_append_printf (out, "&#%d;", c);
      else if (attribute && c == '"')
        g_string_append (out, "&quot;");
      else if (is_xml_char (c))
        g_string_append_c (out, (char) c);
      p++;
    }
}

static const char *
bound_uri (Writer *writer, const char *prefix)
{
  for (guint i = writer->scope->len; i-- > 0;)
    {
      Binding *binding = &g_array_index (writer->scope, Binding, i);
      if (strcmp (binding->prefix, prefix) == 0)
        return binding->uri;
    }
  return strcmp (prefix, "xml") == 0 ? "http://www.w3.org/XML/1998/namespace" : "";
}

static void
declare (Writer *writer, const char *prefix, const char *uri)
{
  Binding binding = { prefix, uri };
  g_array_append_val (writer->scope, binding);
  g_string_append (writer->out, *prefix == '\0' ? " xmlns" : " xmlns:");
  g_string_append_printf (writer->out, "%s=\"", prefix);
  append_escaped (writer->out, uri, TRUE);
  g_string_append_c (writer->out, '"');
}

static void
need (Writer *writer, const char *prefix, const char *uri)
{
  if (strcmp (bound_uri (writer, prefix), uri) != 0)
    declare (writer, prefix, uri);
}

static void
append_name (GString *out, const char *prefix, const char *local)
{
  if (prefix != NULL)
    g_string_append_printf (out, "%s:", prefix);
  g_string_append (out, local);
}

static gboolean
is_wanted (Writer *writer, PlazaNode *node)
{
  return writer->filter == NULL || writer->filter (node, writer->data);
}

static void
write_start (Writer *writer, PlazaNode *element)
{
  g_string_append_c (writer->out, '<');
  append_name (writer->out, element->prefix, element->name->local);
  guint outer = writer->scope->len;
  for (PlazaNode *a = element->first_attribute; a != NULL; a = a->next)
    if (a->kind == PLAZA_NODE_NAMESPACE)
      declare (writer, a->name->local, plaza_node_peek_value (a));
  /* What the element and its attributes need and nobody around declared; a declaration of the same
   * prefix on this element cannot stand beside it, and then names another namespace only after
   * nodes were moved by hand. */
  const char *prefix = element->prefix != NULL ? element->prefix : "";
  gboolean own = FALSE;
  for (guint i = outer; i < writer->scope->len; i++)
    own |= strcmp (g_array_index (writer->scope, Binding, i).prefix, prefix) == 0;
  if (!own)
    need (writer, prefix, element->name->uri);
  for (PlazaNode *a = element->first_attribute; a != NULL; a = a->next)
    if (a->kind == PLAZA_NODE_ATTRIBUTE && a->prefix != NULL && is_wanted (writer, a))
      need (writer, a->prefix, a->name->uri);
  for (PlazaNode *a = element->first_attribute; a != NULL; a = a->next)
    if (a->kind == PLAZA_NODE_ATTRIBUTE && is_wanted (writer, a))
      {
        g_string_append_c (writer->out, ' ');
        append_name (writer->out, a->prefix, a->name->local);
        g_string_append (writer->out, "=\"");
        append_escaped (writer->out, plaza_node_peek_value (a), TRUE);
        g_string_append_c (writer->out, '"');
      }
}

static void
write_leaf (Writer *writer, PlazaNode *node)
{
  const char *value = plaza_node_peek_value (node);
  if (node->kind == PLAZA_NODE_TEXT)
    append_escaped (writer->out, value, FALSE);
  else if (node->kind == PLAZA_NODE_COMMENT && strstr (value, "--") == NULL)
    g_string_append_printf (writer->out, "<!--%s-->", value);
  else if (node->kind == PLAZA_NODE_INSTRUCTION && strstr (value, "?>") == NULL)
    g_string_append_printf (writer->out, "<?%s%s%s?>", node->name->local, *value != '\0' ? " " : "",
                            value);
}

static void
write_node (Writer *writer, PlazaNode *node)
{
  if (node->kind == PLAZA_NODE_DOCUMENT)
    {
      for (PlazaNode *child = node->first_child; child != NULL; child = child->next)
        write_node (writer, child);
      return;
    }
  if (node->kind != PLAZA_NODE_ELEMENT)
    {
      write_leaf (writer, node);
      return;
    }
  if (!is_wanted (writer, node))
    return;
  guint outer = writer->scope->len;
  write_start (writer, node);
  gsize open = writer->out->len;
  g_string_append_c (writer->out, '>');
  if (node->first_child == NULL)
    append_escaped (writer->out, plaza_node_peek_value (node), FALSE);
  /* Depth is bounded by PLAZA_XML_MAX_DEPTH where the tree was read. */
  for (PlazaNode *child = node->first_child; child != NULL; child = child->next)
    write_node (writer, child);
  if (writer->out->len == open + 1)
    {
      g_string_truncate (writer->out, open);
      g_string_append (writer->out, "/>");
    }
  else
    {
      g_string_append (writer->out, "</");
      append_name (writer->out, node->prefix, node->name->local);
      g_string_append_c (writer->out, '>');
    }
  g_array_set_size (writer->scope, outer);
}

char *
plaza_xml_write (PlazaNode *node, PlazaXmlFilter filter, gpointer data)
{
  Writer writer = { .out = g_string_new (NULL),
                    .scope = g_array_new (FALSE, FALSE, sizeof (Binding)),
                    .filter = filter,
                    .data = data };
  write_node (&writer, node);
  g_array_unref (writer.scope);
  return g_string_free (writer.out, FALSE);
}
