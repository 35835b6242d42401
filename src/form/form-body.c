/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* The body: controls, groups, repeats, and the actions inside and outside of them. */

#include "form/form-private.h"

#include <string.h>

#include "form/xml.h"

static const struct
{
  const char *element;
  PlazaControl control;
} controls[] = {
  { "input", PLAZA_CONTROL_INPUT },   { "select1", PLAZA_CONTROL_SELECT1 },
  { "select", PLAZA_CONTROL_SELECT }, { "rank", PLAZA_CONTROL_RANK },
  { "range", PLAZA_CONTROL_RANGE },   { "trigger", PLAZA_CONTROL_TRIGGER },
  { "upload", PLAZA_CONTROL_UPLOAD }, { "secret", PLAZA_CONTROL_INPUT },
};

static gboolean load_children (PlazaLoader *self,
                               PlazaNode *element,
                               PlazaBody *parent,
                               PlazaModelNode *context,
                               GError **error);

/* The node of a control or group: by ref, or by the id of a bind. */
static PlazaModelNode *
node_of (PlazaLoader *self,
         PlazaNode *element,
         const char *attribute,
         PlazaModelNode *context,
         gboolean *out_exact,
         GError **error)
{
  const char *ref = plaza_node_get_attribute (element, NULL, attribute);
  const char *bind = plaza_node_get_attribute (element, NULL, "bind");

  if (ref == NULL && bind != NULL)
    for (PlazaNode *node = plaza_node_first_element (self->model); node != NULL;
         node = plaza_node_next_element (node))
      if (plaza_node_is (node, NULL, "bind") &&
          g_strcmp0 (plaza_node_get_attribute (node, NULL, "id"), bind) == 0)
        ref = plaza_node_get_attribute (node, NULL, "nodeset");
  if (ref == NULL)
    {
      plaza_load_throw (error, PLAZA_ERROR_INVALID, element, "there is no %s", attribute);
      return NULL;
    }
  PlazaModelNode *node = plaza_form_resolve (self->form, ref, context, out_exact);
  if (node == NULL)
    plaza_load_throw (error, PLAZA_ERROR_INVALID, element, "%s=\"%s\": the form has no such node",
                      attribute, ref);
  return node;
}

static gboolean
is_name (const char *text)
{
  if (!g_ascii_isalpha (*text) && *text != '_' && (guchar) *text < 0x80)
    return FALSE;
  return strpbrk (text, "/[]()@*'\"=<>|+, :.") == NULL;
}

/* `jr:itext(name)`: the name, the usual way for choices to have translated labels. */
static char *
itext_of_child (const char *source)
{
  g_autofree char *text = g_strstrip (g_strdup (source));

  if (!g_str_has_prefix (text, "jr:itext(") || !g_str_has_suffix (text, ")"))
    return NULL;
  g_autofree char *inner =
      g_strndup (text + strlen ("jr:itext("), strlen (text) - strlen ("jr:itext()"));
  g_strstrip (inner);
  return is_name (inner) ? g_steal_pointer (&inner) : NULL;
}

/* @nodeset without what is in square brackets: every choice there ever is, for the label of one
 * that is filtered out at the moment. NULL when there are no brackets. */
static char *
without_predicates (const char *nodeset)
{
  GString *out = g_string_new (NULL);
  int depth = 0;
  char quote = 0;

  for (const char *p = nodeset; *p != '\0'; p++)
    {
      if (quote != 0)
        quote = *p == quote ? 0 : quote;
      else if (*p == '\'' || *p == '"')
        quote = *p;
      if (quote == 0 && *p == '[')
        depth++;
      if (depth == 0)
        g_string_append_c (out, *p);
      if (quote == 0 && *p == ']')
        depth--;
    }
  return g_string_free (out, strchr (nodeset, '[') == NULL);
}

static gboolean
load_itemset (PlazaLoader *self, PlazaNode *itemset, PlazaModelNode *node, GError **error)
{
  const char *nodeset = plaza_node_get_attribute (itemset, NULL, "nodeset");
  PlazaNode *value = plaza_node_child (itemset, "value");
  PlazaNode *label = plaza_node_child (itemset, "label");
  const char *value_ref = value != NULL ? plaza_node_get_attribute (value, NULL, "ref") : NULL;
  const char *label_ref = label != NULL ? plaza_node_get_attribute (label, NULL, "ref") : NULL;

  for (PlazaNode *child = plaza_node_first_element (itemset); child != NULL;
       child = plaza_node_next_element (child))
    if (child != value && child != label)
      return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, child,
                               "Plaza does not know this in an itemset");
  if (nodeset == NULL || value_ref == NULL)
    return plaza_load_throw (error, PLAZA_ERROR_INVALID, itemset,
                             "an itemset needs a nodeset and a value with a ref");

  PlazaChoiceSource *source = plaza_choice_source_new ();
  g_clear_pointer (&source->items, g_ptr_array_unref);
  node->choices = source;
  source->nodeset = plaza_load_compile (self, nodeset, itemset, "nodeset", error);
  if (source->nodeset == NULL)
    return FALSE;
  g_autofree char *all = without_predicates (nodeset);
  if (all != NULL &&
      (source->unfiltered = plaza_load_compile (self, all, itemset, "nodeset", error)) == NULL)
    return FALSE;
  if (is_name (value_ref))
    source->value_name = g_strdup (value_ref);
  else if ((source->value = plaza_load_compile (self, value_ref, value, "ref", error)) == NULL)
    return FALSE;
  if (label_ref != NULL)
    {
      source->label_itext = itext_of_child (label_ref);
      if (source->label_itext != NULL)
        return TRUE;
      if (is_name (label_ref))
        source->label_name = g_strdup (label_ref);
      else if ((source->label = plaza_load_compile (self, label_ref, label, "ref", error)) == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
load_item (PlazaLoader *self, PlazaNode *element, PlazaModelNode *node, GError **error)
{
  PlazaNode *value = plaza_node_child (element, "value");
  PlazaNode *label = plaza_node_child (element, "label");

  if (value == NULL)
    return plaza_load_throw (error, PLAZA_ERROR_INVALID, element, "an item has no value");
  if (node->choices == NULL)
    node->choices = plaza_choice_source_new ();
  if (node->choices->items == NULL)
    return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, element, "items beside an itemset");
  if (++self->form->n_choices > self->form->limits.max_choices)
    return plaza_load_throw (error, PLAZA_ERROR_LIMIT, element, "more than %u choices",
                             self->form->limits.max_choices);
  PlazaChoiceItem *item = g_new0 (PlazaChoiceItem, 1);
  g_ptr_array_add (node->choices->items, item);
  item->value = plaza_load_words (value);
  if (label != NULL && (item->label = plaza_load_text (self, label, error)) == NULL)
    return FALSE;
  return TRUE;
}

static guint
events_of (PlazaNode *element)
{
  static const struct
  {
    const char *name;
    PlazaEvent event;
  } known[] = {
    { "odk-instance-first-load", PLAZA_EVENT_FIRST_LOAD },
    { "odk-instance-load", PLAZA_EVENT_LOAD },
    { "jr-insert", PLAZA_EVENT_NEW_REPEAT },
    { "odk-new-repeat", PLAZA_EVENT_NEW_REPEAT },
    { "xforms-ready", PLAZA_EVENT_FIRST_LOAD },
    { "xforms-value-changed", PLAZA_EVENT_VALUE_CHANGED },
  };
  const char *attribute = plaza_node_get_attribute (element, NULL, "event");
  if (attribute == NULL)
    attribute = plaza_node_get_attribute (element, "http://www.w3.org/2001/xml-events", "event");
  g_auto (GStrv) names = g_strsplit_set (attribute != NULL ? attribute : "", " \t\r\n", -1);
  guint events = 0;

  for (guint i = 0; names[i] != NULL; i++)
    {
      guint found = 0;
      for (guint k = 0; k < G_N_ELEMENTS (known); k++)
        if (g_str_equal (names[i], known[k].name))
          found = known[k].event;
      if (found == 0 && *names[i] != '\0')
        return 0;
      events |= found;
    }
  return events;
}

static gboolean
load_setvalue (PlazaLoader *self,
               PlazaNode *element,
               PlazaModelNode *source,
               PlazaModelNode *context,
               GError **error)
{
  guint events = events_of (element);
  gboolean exact;

  if (events == 0)
    return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, element, "event=\"%s\"",
                             plaza_node_get_attribute (element, NULL, "event"));
  PlazaModelNode *target = node_of (self, element, "ref", context, &exact, error);
  if (target == NULL)
    return FALSE;
  if (target->kind != PLAZA_FIELD_VALUE)
    return plaza_load_throw (error, PLAZA_ERROR_INVALID, element, "%s holds no value", target->ref);

  PlazaAction *action = g_new0 (PlazaAction, 1);
  action->events = events;
  action->source = source;
  action->target = target;
  action->line = element->line;
  const char *value = plaza_node_get_attribute (element, NULL, "value");
  if (value != NULL && value[strspn (value, " \t\r\n")] != '\0')
    action->value = plaza_load_compile (self, value, element, "value", error);
  else
    action->words = plaza_load_words (element);
  if (!exact && (action->value != NULL || action->words != NULL))
    action->target_xpath = plaza_load_compile (
        self, plaza_node_get_attribute (element, NULL, "ref"), element, "ref", error);
  g_ptr_array_add (self->form->actions, action);
  if ((action->value == NULL && action->words == NULL) || (!exact && action->target_xpath == NULL))
    return FALSE;
  if ((events & PLAZA_EVENT_VALUE_CHANGED) != 0)
    {
      if (source == NULL || source->kind != PLAZA_FIELD_VALUE)
        return plaza_load_throw (error, PLAZA_ERROR_INVALID, element,
                                 "xforms-value-changed belongs inside a question");
      g_ptr_array_add (source->actions, action);
    }
  return TRUE;
}

static gboolean
load_parameters (PlazaNode *element, PlazaModelNode *node, GError **error)
{
  if (plaza_node_get_attribute (element, NULL, "query") != NULL)
    return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, element,
                             "choices by a query of an external list");
  for (PlazaNode *attribute = element->first_attribute; attribute != NULL;
       attribute = attribute->next)
    if (attribute->kind == PLAZA_NODE_ATTRIBUTE && !g_str_equal (attribute->name->local, "ref") &&
        !g_str_equal (attribute->name->local, "appearance"))
      g_hash_table_replace (node->parameters, g_strdup (attribute->name->local),
                            g_strdup (plaza_node_peek_value (attribute)));
  if (node->control != PLAZA_CONTROL_RANGE)
    return TRUE;
  const char *const needed[] = { "start", "end", "step" };
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      const char *text = plaza_model_node_get_parameter (node, needed[i]);
      if (text == NULL)
        return plaza_load_throw (error, PLAZA_ERROR_INVALID, element, "a range has no %s",
                                 needed[i]);
      g_autofree char *number = plaza_value_normalise (PLAZA_VALUE_DECIMAL, text, FALSE);
      if (number == NULL || *number == '\0')
        return plaza_load_throw (error, PLAZA_ERROR_INVALID, element, "%s=\"%s\" is no number",
                                 needed[i], text);
    }
  return TRUE;
}

static PlazaBody *
add_body (PlazaLoader *self,
          PlazaBody *parent,
          PlazaBodyKind kind,
          PlazaNode *element,
          PlazaModelNode *model)
{
  PlazaBody *body = g_new0 (PlazaBody, 1);
  const char *appearance = plaza_node_get_attribute (element, NULL, "appearance");
  g_auto (GStrv) words = g_strsplit (appearance != NULL ? appearance : "", " ", -1);

  body->kind = kind;
  body->model = model;
  body->parent = parent;
  body->id = self->form->n_body++;
  body->children = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_body_free);
  body->field_list = g_strv_contains ((const char *const *) words, "field-list");
  if (parent != NULL)
    g_ptr_array_add (parent->children, body);
  else
    self->form->body = body;
  return body;
}

static GStrv
appearances_of (PlazaNode *element)
{
  const char *appearance = plaza_node_get_attribute (element, NULL, "appearance");
  g_auto (GStrv) words = g_strsplit_set (appearance != NULL ? appearance : "", " \t\r\n", -1);
  GStrvBuilder *builder = g_strv_builder_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_strv_builder_add (builder, words[i]);
  GStrv result = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return result;
}

/* <label> or <hint> of @element into @text; FALSE when @child is neither. */
static gboolean
load_words (PlazaLoader *self,
            PlazaNode *child,
            PlazaText **label,
            PlazaText **hint,
            gboolean *handled,
            GError **error)
{
  PlazaText **text = plaza_node_is (child, NULL, "label")  ? label
                     : plaza_node_is (child, NULL, "hint") ? hint
                                                           : NULL;

  *handled = text != NULL || plaza_node_is (child, NULL, "help");
  if (text == NULL)
    return TRUE;
  g_clear_pointer (text, plaza_text_free);
  *text = plaza_load_text (self, child, error);
  return *text != NULL;
}

static gboolean
load_control (PlazaLoader *self,
              PlazaNode *element,
              PlazaControl control,
              PlazaBody *parent,
              PlazaModelNode *context,
              GError **error)
{
  gboolean exact;
  g_autoptr (GError) absent = NULL;
  PlazaModelNode *node = node_of (self, element, "ref", context, &exact, &absent);

  /* Nothing can ever be answered here, and nothing is lost: the rest of the form stands. */
  if (node == NULL)
    {
      g_ptr_array_add (self->form->warnings, g_strdup (absent->message));
      return TRUE;
    }
  if (node->kind != PLAZA_FIELD_VALUE)
    return plaza_load_throw (error, PLAZA_ERROR_INVALID, element, "%s holds other nodes, no value",
                             node->ref);
  if (node->in_body)
    return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, element, "%s is asked twice",
                             node->ref);
  PlazaExpr *readonly = node->exprs[PLAZA_EXPR_READONLY];
  node->in_body = TRUE;
  node->control = control;
  if (control == PLAZA_CONTROL_INPUT && node->value_type == PLAZA_VALUE_STRING &&
      readonly != NULL && readonly->constant == 1 && node->exprs[PLAZA_EXPR_CALCULATE] == NULL)
    node->control = PLAZA_CONTROL_NOTE;
  node->appearances = appearances_of (element);
  if (!load_parameters (element, node, error))
    return FALSE;
  add_body (self, parent, PLAZA_BODY_CONTROL, element, node);

  gboolean chooses = control == PLAZA_CONTROL_SELECT1 || control == PLAZA_CONTROL_SELECT ||
                     control == PLAZA_CONTROL_RANK;
  for (PlazaNode *child = plaza_node_first_element (element); child != NULL;
       child = plaza_node_next_element (child))
    {
      gboolean handled;
      if (!load_words (self, child, &node->label, &node->hint, &handled, error))
        return FALSE;
      if (handled)
        continue;
      if (chooses && plaza_node_is (child, NULL, "itemset"))
        {
          if (node->choices != NULL)
            return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, child,
                                     "a second list of choices");
          if (!load_itemset (self, child, node, error))
            return FALSE;
        }
      else if (chooses && plaza_node_is (child, NULL, "item"))
        {
          if (!load_item (self, child, node, error))
            return FALSE;
        }
      else if (plaza_node_is (child, NULL, "setvalue"))
        {
          if (!load_setvalue (self, child, node, node, error))
            return FALSE;
        }
      else if (control == PLAZA_CONTROL_SELECT1 && plaza_node_is (child, NULL, "choices"))
        return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, child, "choices with headings");
      else
        return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, child,
                                 "Plaza does not know this in a question");
    }
  if (chooses && node->choices == NULL)
    node->choices = plaza_choice_source_new ();
  return TRUE;
}

static gboolean
load_group (PlazaLoader *self,
            PlazaNode *element,
            PlazaBody *parent,
            PlazaModelNode *context,
            GError **error)
{
  PlazaModelNode *node = NULL;

  if (plaza_node_get_attribute (element, NULL, "ref") != NULL ||
      plaza_node_get_attribute (element, NULL, "bind") != NULL)
    {
      node = node_of (self, element, "ref", context, NULL, error);
      if (node == NULL)
        return FALSE;
    }
  PlazaBody *body = add_body (self, parent, PLAZA_BODY_GROUP, element, node);
  if (node != NULL && node->appearances == NULL)
    node->appearances = appearances_of (element);
  if (node != NULL && node->body == NULL)
    node->body = body;
  return load_children (self, element, body, node != NULL ? node : context, error);
}

static gboolean
load_repeat (PlazaLoader *self,
             PlazaNode *element,
             PlazaBody *parent,
             PlazaModelNode *context,
             GError **error)
{
  const char *attribute =
      plaza_node_get_attribute (element, NULL, "nodeset") != NULL ? "nodeset" : "ref";
  PlazaModelNode *node = node_of (self, element, attribute, context, NULL, error);

  if (node == NULL)
    return FALSE;
  if (node->kind != PLAZA_FIELD_REPEAT || node->in_body)
    return plaza_load_throw (error, PLAZA_ERROR_INVALID, element, "%s cannot be repeated here",
                             node->ref);
  node->in_body = TRUE;
  const char *count = plaza_node_get_attribute (element, PLAZA_URI_JAVAROSA, "count");
  if (count != NULL)
    {
      PlazaXPath *xpath = plaza_load_compile (self, count, element, "jr:count", error);
      if (xpath == NULL)
        return FALSE;
      plaza_model_node_add_expr (node, PLAZA_EXPR_COUNT, xpath);
    }
  const char *fixed = plaza_node_get_attribute (element, PLAZA_URI_JAVAROSA, "noAddRemove");
  node->no_add_remove = fixed != NULL && g_str_has_prefix (fixed, "true");
  if (node->appearances == NULL)
    node->appearances = appearances_of (element);
  PlazaBody *body = add_body (self, parent, PLAZA_BODY_REPEAT, element, node);
  node->body = body;
  return load_children (self, element, body, node, error);
}

static gboolean
load_children (PlazaLoader *self,
               PlazaNode *element,
               PlazaBody *parent,
               PlazaModelNode *context,
               GError **error)
{
  for (PlazaNode *child = plaza_node_first_element (element); child != NULL;
       child = plaza_node_next_element (child))
    {
      gboolean handled;
      gboolean loaded;
      PlazaControl control = PLAZA_CONTROL_NONE;

      if (!load_words (self, child, &parent->label, &parent->hint, &handled, error))
        return FALSE;
      if (handled)
        continue;
      for (guint i = 0; i < G_N_ELEMENTS (controls); i++)
        if (g_str_equal (child->name->local, controls[i].element))
          control = controls[i].control;
      if (control != PLAZA_CONTROL_NONE)
        loaded = load_control (self, child, control, parent, context, error);
      else if (plaza_node_is (child, NULL, "group"))
        loaded = load_group (self, child, parent, context, error);
      else if (plaza_node_is (child, NULL, "repeat"))
        loaded = load_repeat (self, child, parent, context, error);
      else if (plaza_node_is (child, NULL, "setvalue"))
        loaded = load_setvalue (self, child, parent->model, context, error);
      else
        loaded =
            plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, child, "Plaza does not know this");
      if (!loaded)
        return FALSE;
    }
  return TRUE;
}

gboolean
plaza_load_body (PlazaLoader *self, GError **error)
{
  PlazaBody *root = add_body (self, NULL, PLAZA_BODY_GROUP, self->body, NULL);

  root->field_list = FALSE;
  return load_children (self, self->body, root, g_ptr_array_index (self->form->nodes, 0), error);
}

gboolean
plaza_load_actions (PlazaLoader *self, GError **error)
{
  for (PlazaNode *child = plaza_node_first_element (self->model); child != NULL;
       child = plaza_node_next_element (child))
    if (plaza_node_is (child, NULL, "setvalue") &&
        !load_setvalue (self, child, NULL, g_ptr_array_index (self->form->nodes, 0), error))
      return FALSE;
  return TRUE;
}
