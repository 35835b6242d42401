/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xml.h"

#include "base/error.h"
#include "form/node-private.h"
#include "form/xml-shape.h"

#include <glib/gstdio.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

/* Each name is looked for among all of them. */
#define MAX_NAMESPACES 2000u

/* The tree is built from SAX events: there is no second copy of the document, and each limit
 * stops the parser where it is crossed. */
typedef struct
{
  xmlParserCtxtPtr context;
  PlazaTree *tree;
  PlazaNode *at; /* the open element, or the document */
  PlazaXmlFlags flags;
  guint depth;
  guint namespaces; /* declared by open elements */
  GString *text;    /* not yet in the tree */
  guint text_line;
  gboolean cdata; /* the text is a CDATA section, which a generic document keeps apart */
  GError *error;
} Parse;

static guint
current_line (Parse *parse)
{
  int line = xmlSAX2GetLineNumber (parse->context);
  return line > 0 ? (guint) line : 0;
}

static void stop (Parse *parse, PlazaError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
stop (Parse *parse, PlazaError code, const char *format, ...)
{
  if (parse->error == NULL)
    {
      va_list args;
      va_start (args, format);
      g_autofree char *message = g_strdup_vprintf (format, args);
      va_end (args);
      plaza_throw (&parse->error, code, "line %u: %s", current_line (parse), message);
    }
  xmlStopParser (parse->context);
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0';
}

static void
flush_text (Parse *parse)
{
  if (parse->text->len == 0)
    return;
  if ((parse->flags & PLAZA_XML_DOCUMENT) != 0 && parse->at->kind == PLAZA_NODE_ELEMENT)
    plaza_node_append_leaf (parse->at, PLAZA_NODE_TEXT, NULL, parse->text->str)->line =
        parse->text_line;
  else if (parse->at->kind == PLAZA_NODE_ELEMENT)
    {
      PlazaNode *before = parse->at->last_child;
      plaza_node_append_text (parse->at, parse->text->str, (gssize) parse->text->len);
      if (parse->at->last_child != before)
        parse->at->last_child->line = parse->text_line;
    }
  g_string_truncate (parse->text, 0);
}

static gboolean
may_add (Parse *parse, guint nodes)
{
  if (parse->error != NULL)
    return FALSE;
  if (plaza_tree_node_count (parse->tree) + nodes <= PLAZA_XML_MAX_NODES)
    return TRUE;
  stop (parse, PLAZA_ERROR_LIMIT, "more than %u nodes", PLAZA_XML_MAX_NODES);
  return FALSE;
}

static const char *
keep_prefix (Parse *parse, const xmlChar *prefix)
{
  return prefix != NULL && *prefix != '\0'
             ? g_string_chunk_insert_const (parse->tree->strings, (const char *) prefix)
             : NULL;
}

static void
on_start_element (void *data,
                  const xmlChar *local,
                  const xmlChar *prefix,
                  const xmlChar *uri,
                  int n_namespaces,
                  const xmlChar **namespaces,
                  int n_attributes,
                  int n_defaulted G_GNUC_UNUSED,
                  const xmlChar **attributes)
{
  Parse *parse = data;
  if (!may_add (parse, 2u + (guint) n_namespaces + (guint) n_attributes))
    return;
  if (++parse->depth > PLAZA_XML_MAX_DEPTH)
    {
      stop (parse, PLAZA_ERROR_LIMIT, "nested deeper than %u elements", PLAZA_XML_MAX_DEPTH);
      return;
    }
  parse->namespaces += (guint) n_namespaces;
  if (parse->namespaces > MAX_NAMESPACES)
    {
      stop (parse, PLAZA_ERROR_LIMIT, "more than %u namespaces at once", MAX_NAMESPACES);
      return;
    }
  flush_text (parse);
  PlazaTree *tree = parse->tree;
  PlazaNode *element = plaza_node_append_element (parse->at, (const char *) uri,
                                                  (const char *) prefix, (const char *) local);
  element->line = current_line (parse);
  PlazaNode *last = NULL;
  for (int i = 0; i < n_namespaces; i++)
    {
      const xmlChar *name = namespaces[2 * i], *value = namespaces[2 * i + 1];
      last = _plaza_node_append_attribute (
          element, PLAZA_NODE_NAMESPACE,
          plaza_tree_name (tree, NULL, name != NULL ? (const char *) name : ""), NULL, last);
      if (value != NULL && *value != '\0')
        last->value = g_string_chunk_insert_const (tree->strings, (const char *) value);
    }
  for (int i = 0; i < n_attributes; i++)
    {
      const xmlChar **a = attributes + 5 * i; /* local, prefix, URI, value, end of value */
      last = _plaza_node_append_attribute (
          element, PLAZA_NODE_ATTRIBUTE,
          plaza_tree_name (tree, (const char *) a[2], (const char *) a[0]),
          keep_prefix (parse, a[1]), last);
      if (a[4] > a[3])
        {
          last->value = g_strndup ((const char *) a[3], (gsize) (a[4] - a[3]));
          last->value_owned = TRUE;
        }
    }
  parse->at = element;
}

/* White space between elements is layout, unless the element has text besides, or values are put
 * into its text by <output>. */
static void
drop_layout (PlazaNode *element)
{
  PlazaNode *child = element->first_child;
  for (; child != NULL; child = child->next)
    if ((child->kind == PLAZA_NODE_TEXT && !is_blank (child->value)) ||
        plaza_node_is (child, NULL, "output"))
      return;
  child = element->first_child;
  while (child != NULL)
    {
      PlazaNode *next = child->next;
      if (child->kind == PLAZA_NODE_TEXT)
        plaza_node_remove (child);
      child = next;
    }
}

static void
on_end_element (void *data,
                const xmlChar *local G_GNUC_UNUSED,
                const xmlChar *prefix G_GNUC_UNUSED,
                const xmlChar *uri G_GNUC_UNUSED)
{
  Parse *parse = data;
  if (parse->error != NULL)
    return;
  flush_text (parse);
  if (parse->at->first_child != NULL && (parse->flags & PLAZA_XML_DOCUMENT) == 0)
    drop_layout (parse->at);
  for (PlazaNode *a = parse->at->first_attribute; a != NULL; a = a->next)
    parse->namespaces -= a->kind == PLAZA_NODE_NAMESPACE;
  parse->at = parse->at->parent;
  parse->depth--;
}

static void
add_text (Parse *parse, const xmlChar *text, int length, gboolean cdata)
{
  if (!may_add (parse, 2))
    return;
  if (cdata != parse->cdata && (parse->flags & PLAZA_XML_DOCUMENT) != 0)
    flush_text (parse);
  parse->cdata = cdata;
  if (parse->text->len == 0)
    parse->text_line = current_line (parse);
  g_string_append_len (parse->text, (const char *) text, length);
}

static void
on_characters (void *data, const xmlChar *text, int length)
{
  add_text (data, text, length, FALSE);
}

static void
on_cdata (void *data, const xmlChar *text, int length)
{
  add_text (data, text, length, TRUE);
}

static void
on_comment (void *data, const xmlChar *text)
{
  Parse *parse = data;
  if ((parse->flags & PLAZA_XML_DOCUMENT) == 0 || !may_add (parse, 2))
    return;
  flush_text (parse);
  plaza_node_append_leaf (parse->at, PLAZA_NODE_COMMENT, NULL, (const char *) text)->line =
      current_line (parse);
}

static void
on_instruction (void *data, const xmlChar *target, const xmlChar *text)
{
  Parse *parse = data;
  if ((parse->flags & PLAZA_XML_DOCUMENT) == 0 || !may_add (parse, 2))
    return;
  flush_text (parse);
  plaza_node_append_leaf (parse->at, PLAZA_NODE_INSTRUCTION, (const char *) target,
                          (const char *) text)
      ->line = current_line (parse);
}

/* A bare `<!DOCTYPE html>` means nothing and is kept in a generic document; one that declares or
 * refers to anything is refused before any of it is read. */
static void
on_doctype (void *data, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
  Parse *parse = data;
  if ((parse->flags & PLAZA_XML_DOCUMENT) == 0 || public_id != NULL || system_id != NULL)
    stop (parse, PLAZA_ERROR_UNSUPPORTED, "a document type declaration (DOCTYPE) is not allowed");
  else if (may_add (parse, 1))
    plaza_node_append_leaf (parse->at, PLAZA_NODE_DOCTYPE, (const char *) name, NULL);
}

static void
refuse_declaration (Parse *parse)
{
  stop (parse, PLAZA_ERROR_UNSUPPORTED, "a document type definition (DTD) is not allowed");
}

static void
on_entity_declaration (void *data,
                       const xmlChar *name G_GNUC_UNUSED,
                       int type G_GNUC_UNUSED,
                       const xmlChar *public_id G_GNUC_UNUSED,
                       const xmlChar *system_id G_GNUC_UNUSED,
                       xmlChar *content G_GNUC_UNUSED)
{
  refuse_declaration (data);
}

static void
on_element_declaration (void *data,
                        const xmlChar *name G_GNUC_UNUSED,
                        int type G_GNUC_UNUSED,
                        xmlElementContentPtr content G_GNUC_UNUSED)
{
  refuse_declaration (data);
}

static void
on_attribute_declaration (void *data,
                          const xmlChar *element G_GNUC_UNUSED,
                          const xmlChar *name G_GNUC_UNUSED,
                          int type G_GNUC_UNUSED,
                          int def G_GNUC_UNUSED,
                          const xmlChar *value G_GNUC_UNUSED,
                          xmlEnumerationPtr tree)
{
  xmlFreeEnumeration (tree); /* the handler's by contract */
  refuse_declaration (data);
}

static xmlEntityPtr
on_get_entity (void *data G_GNUC_UNUSED, const xmlChar *name)
{
  return xmlGetPredefinedEntity (name);
}

static void
on_reference (void *data, const xmlChar *name)
{
  stop (data, PLAZA_ERROR_UNSUPPORTED, "the entity “&%s;” is not allowed", (const char *) name);
}

static void
on_error (void *data, xmlErrorPtr problem)
{
  Parse *parse = data;
  if (parse->error != NULL || problem->level < XML_ERR_ERROR)
    return;
  PlazaError code = PLAZA_ERROR_INVALID;
  if (problem->domain == XML_FROM_MEMORY || problem->code == XML_ERR_INTERNAL_ERROR)
    code = PLAZA_ERROR_LIMIT;
  g_autofree char *message = g_strchomp (
      g_utf8_make_valid (problem->message != NULL ? problem->message : "not well-formed", -1));
  plaza_throw (&parse->error, code, "line %d: %s", MAX (problem->line, 0), message);
  xmlStopParser (parse->context);
}

PlazaTree *
plaza_xml_parse (const char *data, gssize length, PlazaXmlFlags flags, GError **error)
{
  gsize size = length < 0 ? strlen (data) : (gsize) length;
  if (size > PLAZA_XML_MAX_BYTES)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "line 1: larger than %u MiB",
                   PLAZA_XML_MAX_BYTES >> 20);
      return NULL;
    }
  if (!_plaza_xml_check_shape (data, size, error))
    return NULL;
  xmlSAXHandler sax = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start_element,
    .endElementNs = on_end_element,
    .characters = on_characters,
    .ignorableWhitespace = on_characters,
    .cdataBlock = on_cdata,
    .comment = on_comment,
    .processingInstruction = on_instruction,
    .internalSubset = on_doctype,
    .entityDecl = on_entity_declaration,
    .elementDecl = on_element_declaration,
    .attributeDecl = on_attribute_declaration,
    .getEntity = on_get_entity,
    .reference = on_reference,
    .serror = on_error,
  };
  g_autoptr (PlazaTree) tree = plaza_tree_new ();
  Parse parse = {
    .tree = tree, .at = plaza_tree_document (tree), .flags = flags, .text = g_string_new (NULL)
  };
  parse.context = xmlCreatePushParserCtxt (&sax, &parse, NULL, 0, NULL);
  g_assert (parse.context != NULL);
  xmlCtxtUseOptions (parse.context, XML_PARSE_NONET);
  for (gsize done = 0; done < size && parse.error == NULL;)
    {
      gsize part = MIN (size - done, 64 * 1024);
      xmlParseChunk (parse.context, data + done, (int) part, 0);
      done += part;
    }
  if (parse.error == NULL)
    xmlParseChunk (parse.context, NULL, 0, 1);
  if (parse.error == NULL && (!parse.context->wellFormed || plaza_tree_root (tree) == NULL))
    plaza_throw (&parse.error, PLAZA_ERROR_INVALID, "line %u: not well-formed XML",
                 current_line (&parse));
  if (parse.context->myDoc != NULL) /* the parser makes one for itself when it meets a DOCTYPE */
    xmlFreeDoc (parse.context->myDoc);
  xmlFreeParserCtxt (parse.context);
  g_string_free (parse.text, TRUE);
  if (parse.error != NULL)
    {
      g_propagate_error (error, parse.error);
      return NULL;
    }
  return g_steal_pointer (&tree);
}

PlazaTree *
plaza_xml_parse_file (const char *path, PlazaXmlFlags flags, GError **error)
{
  GStatBuf status;
  if (g_stat (path, &status) == 0 && status.st_size > (goffset) PLAZA_XML_MAX_BYTES)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "%s: line 1: larger than %u MiB", path,
                   PLAZA_XML_MAX_BYTES >> 20);
      return NULL;
    }
  g_autofree char *data = NULL;
  gsize length = 0;
  if (!g_file_get_contents (path, &data, &length, error))
    return NULL;
  PlazaTree *tree = plaza_xml_parse (data, (gssize) length, flags, error);
  if (tree == NULL)
    g_prefix_error (error, "%s: ", path);
  return tree;
}
