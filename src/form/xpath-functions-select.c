/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-private.h"

#include <math.h>
#include <string.h>

#define SPACE " \t\r\n"

/* The next word of a list of choices at *p, which moves behind it; NULL at the end. */
static const char *
next_word (const char **p, gsize *length)
{
  const char *word = *p + strspn (*p, SPACE);
  *length = strcspn (word, SPACE);
  *p = word + *length;
  return *length > 0 ? word : NULL;
}

/* An empty list contains the empty choice, and nothing else. */
static gboolean
list_has (const char *list, const char *choice)
{
  choice += strspn (choice, SPACE);
  gsize wanted = strlen (choice), length;
  while (wanted > 0 && strchr (SPACE, choice[wanted - 1]) != NULL)
    wanted--;
  const char *word, *p = list;
  gboolean empty = TRUE;
  while ((word = next_word (&p, &length)) != NULL)
    {
      if (length == wanted && strncmp (word, choice, length) == 0)
        return TRUE;
      empty = FALSE;
    }
  return empty && wanted == 0;
}

static gboolean
call_selected (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue list = XP_VALUE_INIT, choice = XP_VALUE_INIT;
  const char *list_text = xp_eval_text (eval, call->operands[0], focus, &list);
  const char *choice_text =
      list_text != NULL ? xp_eval_text (eval, call->operands[1], focus, &choice) : NULL;
  gboolean result = choice_text != NULL && list_has (list_text, choice_text);
  xp_value_clear (&list);
  xp_value_clear (&choice);
  if (choice_text == NULL)
    return FALSE;
  xp_set_boolean (out, result);
  return TRUE;
}

static gboolean
call_selected_at (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue list = XP_VALUE_INIT;
  double index;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &list);
  gboolean done = text != NULL && xp_eval_number (eval, call->operands[1], focus, &index);
  if (done)
    {
      const char *word = NULL, *p = text;
      gsize length = 0;
      index = trunc (index);
      if (index >= 0)
        for (double i = 0; i <= index && (word = next_word (&p, &length)) != NULL; i++)
          ;
      xp_take_text (out, word != NULL ? g_strndup (word, length) : g_strdup (""));
    }
  xp_value_clear (&list);
  return done;
}

static gboolean
call_count_selected (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue list = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &list), *p = text;
  if (text == NULL)
    return FALSE;
  guint n = 0;
  for (gsize length; next_word (&p, &length) != NULL;)
    n++;
  xp_value_clear (&list);
  xp_set_number (out, n);
  return TRUE;
}

/* jr:choice-name (value, 'reference of the select'): what the model knows. */
static gboolean
call_choice_name (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT, reference = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &value);
  const char *path =
      text != NULL ? xp_eval_text (eval, call->operands[1], focus, &reference) : NULL;
  if (path != NULL)
    {
      char *label = eval->host->choice_name != NULL
                        ? eval->host->choice_name (focus->node, text, path, eval->host->data)
                        : NULL;
      xp_take_text (out, label != NULL ? label : g_strdup (""));
    }
  xp_value_clear (&value);
  xp_value_clear (&reference);
  return path != NULL;
}

/* The first element of that name below @node. */
static PlazaNode *
find_below (PlazaNode *node, const char *local)
{
  PlazaNode *top = node;
  while (node != NULL)
    {
      if (node != top && plaza_node_is (node, NULL, local))
        return node;
      if (node->first_child != NULL)
        {
          node = node->first_child;
          continue;
        }
      while (node != top && node->next == NULL)
        node = node->parent;
      node = node == top ? NULL : node->next;
    }
  return NULL;
}

static PlazaNode *
find_translation (PlazaNode *itext, const char *language)
{
  PlazaNode *chosen = NULL;
  for (PlazaNode *t = plaza_node_first_element (itext); t != NULL; t = plaza_node_next_element (t))
    {
      const char *lang = plaza_node_get_attribute (t, NULL, "lang");
      if (language != NULL ? g_strcmp0 (lang, language) == 0
                           : plaza_node_get_attribute (t, NULL, "default") != NULL)
        return t;
      if (chosen == NULL || plaza_node_get_attribute (t, NULL, "default") != NULL)
        chosen = t;
    }
  return chosen;
}

/* Without a model around: the values of a text, from the document itself. */
static void
find_itext (XpEval *eval, const char *id, XpValue *out)
{
  PlazaNode *itext = find_below (plaza_tree_document (eval->current->tree), "itext");
  PlazaNode *translation = itext != NULL ? find_translation (itext, eval->host->language) : NULL;
  PlazaNode *text = translation != NULL ? plaza_node_first_element (translation) : NULL;
  for (; text != NULL; text = plaza_node_next_element (text))
    if (g_strcmp0 (plaza_node_get_attribute (text, NULL, "id"), id) == 0)
      for (PlazaNode *v = plaza_node_first_element (text); v != NULL;
           v = plaza_node_next_element (v))
        if (plaza_node_is (v, NULL, "value"))
          xp_push_node (out, v);
}

static gboolean
call_itext (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue id = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &id);
  if (text != NULL && eval->host->itext != NULL)
    {
      char *translated = eval->host->itext (text, eval->host->data);
      xp_take_text (out, translated != NULL ? translated : g_strdup (""));
    }
  else if (text != NULL)
    find_itext (eval, text, out);
  xp_value_clear (&id);
  return text != NULL;
}

const XpFunction xp_select_functions[] = {
  { "selected", 2, 2, PLAZA_XPATH_BOOLEAN, call_selected, 0 },
  { "selected-at", 2, 2, PLAZA_XPATH_STRING, call_selected_at, 0 },
  { "count-selected", 1, 1, PLAZA_XPATH_NUMBER, call_count_selected, 0 },
  { "jr:choice-name", 2, 2, PLAZA_XPATH_STRING, call_choice_name, PLAZA_XPATH_USES_LANGUAGE },
  { "jr:itext", 1, 1, PLAZA_XPATH_NODESET, call_itext, PLAZA_XPATH_USES_LANGUAGE },
  { 0 },
};
