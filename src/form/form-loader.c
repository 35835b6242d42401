/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* Loading a form: the document, the model's skeleton from the primary instance, and the order in
 * which the other parts (binds, texts, body, actions, graph) are read. */

#include "form/form-private.h"

#include <string.h>

#include "base/error.h"
#include "form/xml.h"

static char *
located (PlazaNode *where, const char *message)
{
  return g_strdup_printf (
      "line %u: <%s%s%s>: %s", where->line, where->prefix != NULL ? where->prefix : "",
      where->prefix != NULL ? ":" : "", where->name != NULL ? where->name->local : "", message);
}

void
plaza_load_warn (PlazaLoader *self, PlazaNode *where, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (self->form->warnings, located (where, message));
}

gboolean
plaza_load_throw (GError **error, PlazaError code, PlazaNode *where, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  if (where == NULL)
    return plaza_throw (error, code, "%s", message);
  g_autofree char *text = located (where, message);
  return plaza_throw (error, code, "%s", text);
}

PlazaXPath *
plaza_load_compile (
    PlazaLoader *self, const char *source, PlazaNode *where, const char *attribute, GError **error)
{
  g_autoptr (GError) local = NULL;
  PlazaXPath *xpath = plaza_xpath_compile (source, where, &local);

  if (xpath == NULL)
    {
      plaza_load_throw (error, local->code, where, "%s: %s", attribute, local->message);
      return NULL;
    }
  g_ptr_array_add (self->form->xpaths, xpath);

  const char *const *ids = plaza_xpath_instance_ids (xpath);
  for (guint i = 0; ids[i] != NULL; i++)
    if (!g_hash_table_contains (self->form->secondary, ids[i]) &&
        !g_str_equal (ids[i], self->form->primary_id))
      {
        plaza_load_throw (error, PLAZA_ERROR_INVALID, where, "%s: the form has no instance “%s”",
                          attribute, ids[i]);
        return NULL;
      }
  return xpath;
}

/* The local path that @ref means seen from @context (a local path): steps by name, `.`, `..`,
 * `current()`; predicates are dropped and @out_exact told. NULL when it is anything else. */
static char *
path_of (const char *ref, const char *context, gboolean *out_exact)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new_with_free_func (g_free);
  const char *p = ref;

  *out_exact = TRUE;
  while (g_ascii_isspace (*p))
    p++;
  if (*p == '/')
    p++;
  else if (context != NULL)
    {
      g_auto (GStrv) parts = g_strsplit (context + 1, "/", -1);
      for (guint i = 0; parts[i] != NULL; i++)
        g_ptr_array_add (steps, g_strdup (parts[i]));
    }
  else
    return NULL;

  while (*p != '\0')
    {
      const char *start = p;
      while (*p != '\0' && *p != '/' && *p != '[')
        p++;
      g_autofree char *step = g_strstrip (g_strndup (start, p - start));
      while (*p == '[' || g_ascii_isspace (*p))
        {
          if (*p != '[')
            {
              p++;
              continue;
            }
          *out_exact = FALSE;
          int depth = 0;
          char quote = 0;
          for (; *p != '\0'; p++)
            {
              if (quote != 0)
                quote = *p == quote ? 0 : quote;
              else if (*p == '\'' || *p == '"')
                quote = *p;
              else if (*p == '[')
                depth++;
              else if (*p == ']' && --depth == 0)
                break;
            }
          if (*p == '\0')
            return NULL;
          p++;
        }
      if (*p == '/')
        p++;
      else if (*p != '\0')
        return NULL;

      if (g_str_equal (step, "..") && steps->len > 0)
        g_ptr_array_set_size (steps, steps->len - 1);
      else if (g_str_equal (step, ".") || g_str_equal (step, "current()"))
        continue;
      else if (*step == '\0' || strpbrk (step, "()*|=<>+'\" $") != NULL || g_str_equal (step, ".."))
        return NULL;
      else
        {
          gboolean attribute = *step == '@';
          const char *colon = strchr (step, ':');
          const char *local = colon != NULL ? colon + 1 : step + attribute;
          g_ptr_array_add (steps, g_strconcat (attribute ? "@" : "", local, NULL));
        }
    }

  GString *path = g_string_new (NULL);
  for (guint i = 0; i < steps->len; i++)
    g_string_append_printf (path, "/%s", (char *) g_ptr_array_index (steps, i));
  return g_string_free (path, FALSE);
}

PlazaModelNode *
plaza_form_resolve (PlazaForm *self, const char *ref, PlazaModelNode *context, gboolean *out_exact)
{
  gboolean exact;
  g_autofree char *path = path_of (ref, context != NULL ? context->path : NULL, &exact);

  if (out_exact != NULL)
    *out_exact = exact;
  return path != NULL ? plaza_form_find_path (self, path) : NULL;
}

/* The plain text of an element, blanks at both ends gone. */
char *
plaza_load_words (PlazaNode *element)
{
  return g_strstrip (plaza_node_dup_string (element));
}

/* Finds every <repeat> of the body before the model is built, for it decides what is a repeat. */
static void
find_repeats (PlazaLoader *self, PlazaNode *element, const char *context)
{
  for (PlazaNode *child = plaza_node_first_element (element); child != NULL;
       child = plaza_node_next_element (child))
    {
      gboolean repeat = plaza_node_is (child, PLAZA_URI_XFORMS, "repeat");
      const char *ref = plaza_node_get_attribute (child, NULL, repeat ? "nodeset" : "ref");
      if (ref == NULL && repeat)
        ref = plaza_node_get_attribute (child, NULL, "ref");
      gboolean exact;
      g_autofree char *path = ref != NULL ? path_of (ref, context, &exact) : NULL;

      if (repeat && path != NULL)
        g_hash_table_insert (self->repeats, g_strdup (path), child);
      find_repeats (self, child, path != NULL ? path : context);
    }
}

/* A primary instance that is in the XForms namespace only because its form is, is in none: that is
 * how submissions are written. */
static const char *
uri_of (PlazaNode *node)
{
  return g_str_equal (node->name->uri, PLAZA_URI_XFORMS) ? "" : node->name->uri;
}

static PlazaModelNode *
add_node (PlazaLoader *self, PlazaModelNode *parent, PlazaNode *source, gboolean attribute)
{
  PlazaForm *form = self->form;
  PlazaModelNode *node = g_new0 (PlazaModelNode, 1);

  node->form = form;
  node->index = form->nodes->len;
  node->attribute = attribute;
  node->line = source->line;
  node->element = source;
  node->local = g_strdup (source->name->local);
  node->uri = g_strdup (uri_of (source));
  node->prefix = g_strdup (source->prefix);
  node->name = node->prefix != NULL && *node->prefix != '\0'
                   ? g_strdup_printf ("%s:%s", node->prefix, node->local)
                   : g_strdup (node->local);
  node->parent = parent;
  node->ref =
      g_strconcat (parent != NULL ? parent->ref : "", "/", attribute ? "@" : "", node->name, NULL);
  node->path = g_strconcat (parent != NULL ? parent->path : "", "/", attribute ? "@" : "",
                            node->local, NULL);
  node->children = g_ptr_array_new ();
  node->readers = g_array_new (FALSE, FALSE, sizeof (PlazaReader));
  node->actions = g_ptr_array_new ();
  node->parameters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  node->value_type = PLAZA_VALUE_NONE;
  if (parent == NULL)
    node->kind = PLAZA_FIELD_ROOT;
  else if (!attribute && (g_hash_table_contains (self->repeats, node->path) ||
                          plaza_node_get_attribute (source, PLAZA_URI_JAVAROSA, "template")))
    node->kind = PLAZA_FIELD_REPEAT;
  else
    node->kind = PLAZA_FIELD_VALUE; /* a group as soon as it has a child */

  if (parent != NULL)
    {
      node->frame = parent->kind == PLAZA_FIELD_REPEAT ? parent : parent->frame;
      node->repeat = node->kind == PLAZA_FIELD_REPEAT ? node : node->frame;
      if (!attribute)
        g_ptr_array_add (parent->children, node);
    }
  node->slot = node->frame != NULL ? node->frame->n_slots++ : form->n_root_slots++;

  g_ptr_array_add (form->nodes, node);
  g_hash_table_insert (form->by_path, node->path, node);
  g_hash_table_insert (form->by_ref, node->ref, node);
  return node;
}

PlazaModelNode *
plaza_load_add_attribute (PlazaLoader *self, PlazaModelNode *parent, PlazaNode *attribute)
{
  return add_node (self, parent, attribute, TRUE);
}

static gboolean
add_children (
    PlazaLoader *self, PlazaModelNode *model, GPtrArray *elements, guint depth, GError **error)
{
  g_autoptr (GHashTable) by_name = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) order = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  PlazaForm *form = self->form;

  if (depth > form->limits.max_depth)
    return plaza_throw (error, PLAZA_ERROR_LIMIT, "the form is nested deeper than %u",
                        form->limits.max_depth);

  /* The same child of several repeat instances is one model node. */
  for (guint i = 0; i < elements->len; i++)
    for (PlazaNode *child = plaza_node_first_element (g_ptr_array_index (elements, i));
         child != NULL; child = plaza_node_next_element (child))
      {
        GPtrArray *same = g_hash_table_lookup (by_name, child->name);
        if (same == NULL)
          {
            same = g_ptr_array_new ();
            g_hash_table_insert (by_name, (gpointer) child->name, same);
            g_ptr_array_add (order, same);
          }
        g_ptr_array_add (same, child);
      }

  for (guint i = 0; i < order->len; i++)
    {
      GPtrArray *same = g_ptr_array_index (order, i);
      PlazaNode *first = g_ptr_array_index (same, 0);

      if (model->kind == PLAZA_FIELD_VALUE)
        model->kind = PLAZA_FIELD_GROUP;
      if (form->nodes->len >= form->limits.max_nodes)
        return plaza_throw (error, PLAZA_ERROR_LIMIT, "the form has more than %u nodes",
                            form->limits.max_nodes);
      PlazaModelNode *child = add_node (self, model, first, FALSE);
      for (guint k = 1; k < same->len; k++)
        {
          PlazaNode *other = g_ptr_array_index (same, k);
          if (child->kind != PLAZA_FIELD_REPEAT)
            for (guint j = 0; j < k; j++)
              if (((PlazaNode *) g_ptr_array_index (same, j))->parent == other->parent)
                return plaza_load_throw (error, PLAZA_ERROR_INVALID, other,
                                         "%s is there twice and is not a repeat", child->ref);
        }
      if (!add_children (self, child, same, depth + 1, error))
        return FALSE;
      if (child->kind == PLAZA_FIELD_VALUE)
        child->value_type = PLAZA_VALUE_STRING;
    }
  return TRUE;
}

/* Copies elements and leaf text only: the white space that lays out a form is nobody's answer. */
static PlazaNode *
copy_elements (PlazaNode *source, PlazaNode *parent)
{
  PlazaNode *copy =
      plaza_node_append_element (parent, uri_of (source), source->prefix, source->name->local);
  gboolean leaf = plaza_node_first_element (source) == NULL;

  copy->line = source->line;
  for (PlazaNode *attribute = source->first_attribute; attribute != NULL;
       attribute = attribute->next)
    if (attribute->kind == PLAZA_NODE_NAMESPACE &&
        !g_str_equal (plaza_node_peek_value (attribute), PLAZA_URI_XFORMS))
      plaza_node_declare_namespace (copy, attribute->name->local,
                                    plaza_node_peek_value (attribute));
    else if (attribute->kind == PLAZA_NODE_ATTRIBUTE &&
             (!g_str_equal (attribute->name->uri, PLAZA_URI_JAVAROSA) ||
              !g_str_equal (attribute->name->local, "template")))
      plaza_node_set_attribute (copy, attribute->name->uri, attribute->prefix,
                                attribute->name->local, plaza_node_peek_value (attribute));
  if (leaf)
    {
      g_autofree char *text = plaza_node_dup_string (source);
      if (text[strspn (text, " \t\r\n")] != '\0')
        plaza_node_set_value (copy, text);
    }
  else
    for (PlazaNode *child = plaza_node_first_element (source); child != NULL;
         child = plaza_node_next_element (child))
      if (!plaza_node_get_attribute (child, PLAZA_URI_JAVAROSA, "template"))
        copy_elements (child, copy);
  return copy;
}

void
plaza_load_copy_elements (PlazaNode *source, PlazaNode *parent)
{
  copy_elements (source, parent);
}

/* The blank instance of every repeat: its template, else its first instance. */
static void
find_templates (PlazaLoader *self, PlazaNode *element, PlazaModelNode *model)
{
  for (guint i = 0; i < model->children->len; i++)
    {
      PlazaModelNode *child = g_ptr_array_index (model->children, i);
      PlazaNode *first = NULL, *template = NULL;

      for (PlazaNode *node = plaza_node_first_element (element); node != NULL;
           node = plaza_node_next_element (node))
        if (g_str_equal (node->name->local, child->local) &&
            g_str_equal (uri_of (node), child->uri))
          {
            if (first == NULL)
              first = node;
            if (template == NULL &&
                plaza_node_get_attribute (node, PLAZA_URI_JAVAROSA, "template") != NULL)
              template = node;
          }
      if (first == NULL)
        continue;
      PlazaNode *source = template != NULL ? template : first;
      if (child->kind == PLAZA_FIELD_REPEAT && child->source == NULL)
        {
          PlazaNode *holder =
              plaza_node_append_element (plaza_tree_root (self->form->templates), NULL, NULL, "t");
          child->source = copy_elements (source, holder);
          child->initial = g_ptr_array_new ();
          for (PlazaNode *node = first; node != NULL && child->frame == NULL;
               node = plaza_node_next_element (node))
            if (node != template && g_str_equal (node->name->local, child->local) &&
                g_str_equal (uri_of (node), child->uri))
              g_ptr_array_add (child->initial, copy_elements (node, holder));
        }
      find_templates (self, source, child);
    }
}

gboolean
plaza_load_instances (PlazaLoader *self, GError **error)
{
  PlazaForm *form = self->form;
  PlazaNode *root = plaza_node_first_element (self->primary);

  if (root == NULL)
    return plaza_load_throw (error, PLAZA_ERROR_INVALID, self->primary,
                             "the primary instance is empty");
  const char *id = plaza_node_get_attribute (root, NULL, "id");
  const char *version = plaza_node_get_attribute (root, NULL, "version");
  if (version == NULL)
    version = plaza_node_get_attribute (root, PLAZA_URI_OPENROSA, "version");
  form->id = g_strdup (id != NULL ? id : root->name->uri);
  form->version = g_strdup (version != NULL ? version : "");

  form->prototype = plaza_tree_new ();
  PlazaNode *copy = copy_elements (root, plaza_tree_document (form->prototype));

  const char *orx = plaza_node_lookup_namespace (root, "orx");
  gboolean prefixed = g_strcmp0 (orx, PLAZA_URI_OPENROSA) == 0;
  if (prefixed)
    plaza_node_declare_namespace (copy, "orx", orx);

  /* Every interview has an id of its own, whether or not the form thought of it. */
  PlazaNode *meta = plaza_node_child (copy, "meta");
  PlazaNode *meta_source = plaza_node_child (root, "meta");
  if (meta == NULL)
    {
      const char *uri = prefixed ? orx : uri_of (root);
      const char *prefix = prefixed ? "orx" : root->prefix;
      meta = plaza_node_append_element (copy, uri, prefix, "meta");
      meta_source = plaza_node_append_element (root, uri, prefix, "meta");
    }
  form->own_meta = plaza_node_child (meta, "instanceID") == NULL;
  if (form->own_meta)
    {
      plaza_node_append_element (meta, meta->name->uri, meta->prefix, "instanceID");
      plaza_node_append_element (meta_source, meta->name->uri, meta->prefix, "instanceID");
    }

  gboolean deprecated = plaza_node_child (meta_source, "deprecatedID") != NULL;
  if (!deprecated)
    plaza_node_append_element (meta_source, meta->name->uri, meta->prefix, "deprecatedID");

  PlazaModelNode *model = add_node (self, NULL, root, FALSE);
  g_autoptr (GPtrArray) roots = g_ptr_array_new ();
  g_ptr_array_add (roots, root);
  if (!add_children (self, model, roots, 1, error))
    return FALSE;

  form->templates = plaza_tree_new ();
  plaza_node_append_element (plaza_tree_document (form->templates), NULL, NULL, "templates");
  find_templates (self, root, model);

  for (guint i = 0; i < form->nodes->len; i++)
    {
      PlazaModelNode *node = g_ptr_array_index (form->nodes, i);
      if (node->parent == NULL || !g_str_equal (node->parent->local, "meta"))
        continue;
      if (g_str_equal (node->local, "instanceID"))
        form->instance_id = node;
      else if (g_str_equal (node->local, "instanceName"))
        form->instance_name = node;
      else if (g_str_equal (node->local, "deprecatedID"))
        form->deprecated_id = node;
    }
  /* Only a correction has one, unless the form always does. */
  if (!deprecated && form->deprecated_id != NULL)
    g_ptr_array_remove (form->deprecated_id->parent->children, form->deprecated_id);
  return TRUE;
}

static gboolean
find_parts (PlazaLoader *self, GError **error)
{
  PlazaNode *root = plaza_tree_root (self->form->source);
  PlazaNode *head = plaza_node_is (root, NULL, "html") ? plaza_node_child (root, "head") : NULL;

  self->body = head != NULL ? plaza_node_child (root, "body") : NULL;
  self->model = head != NULL ? plaza_node_child (head, "model") : NULL;
  if (self->model == NULL || self->body == NULL)
    return plaza_load_throw (error, PLAZA_ERROR_INVALID, root,
                             "not an XForm: html with a head, a model and a body is expected");
  for (PlazaNode *child = plaza_node_first_element (self->model);
       child != NULL && self->primary == NULL; child = plaza_node_next_element (child))
    if (plaza_node_is (child, PLAZA_URI_XFORMS, "instance"))
      self->primary = child;
  if (self->primary == NULL)
    return plaza_load_throw (error, PLAZA_ERROR_INVALID, self->model, "there is no <instance>");

  PlazaNode *title = plaza_node_child (head, "title");
  self->form->title = title != NULL ? plaza_load_words (title) : g_strdup ("");
  const char *id = plaza_node_get_attribute (self->primary, NULL, "id");
  self->form->primary_id = g_strdup (id != NULL ? id : "");
  return TRUE;
}

PlazaForm *
plaza_form_new (GBytes *xml, PlazaMedia *media, const PlazaFormLimits *limits, GError **error)
{
  g_autoptr (PlazaForm) form = plaza_form_alloc (media, limits);
  g_autoptr (GHashTable) repeats = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  PlazaLoader loader = { .form = form, .repeats = repeats };
  gsize length;
  const char *data = g_bytes_get_data (xml, &length);

  if (length > form->limits.max_bytes)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "the form is larger than %" G_GSIZE_FORMAT " bytes",
                   form->limits.max_bytes);
      return NULL;
    }
  form->source =
      plaza_xml_parse (data != NULL ? data : "", (gssize) length, PLAZA_XML_DOCUMENT, error);
  if (form->source == NULL || !find_parts (&loader, error))
    return NULL;
  find_repeats (&loader, loader.body, NULL);
  if (!plaza_load_instances (&loader, error) || !plaza_load_secondary (&loader, error) ||
      !plaza_load_itext (&loader, error) || !plaza_load_binds (&loader, error) ||
      !plaza_load_body (&loader, error) || !plaza_load_actions (&loader, error) ||
      !plaza_load_graph (&loader, error))
    return NULL;
  g_ptr_array_add (form->warnings, NULL);
  return g_steal_pointer (&form);
}
