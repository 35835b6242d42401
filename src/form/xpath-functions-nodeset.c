/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-private.h"

#include "base/error.h"
#include <math.h>
#include <string.h>

/* ---- counting and places ---- */

/* Nodes that are not relevant are not counted: they are not part of the answers. */
static gboolean
count (XpEval *eval, const XpExpr *call, const XpFocus *focus, gboolean filled_only, XpValue *out)
{
  XpValue set = XP_VALUE_INIT;
  if (!xp_eval_nodes (eval, call->operands[0], focus, &set))
    return FALSE;
  guint n = 0;
  for (guint i = 0; i < set.n; i++)
    {
      PlazaNode *node = xp_nodes (&set)[i];
      if (!plaza_node_is_relevant (node))
        continue;
      if (filled_only)
        {
          gboolean owned;
          char *text = xp_node_text (node, &owned);
          n += *text != '\0';
          if (owned)
            g_free (text);
        }
      else
        n++;
    }
  gboolean within = xp_tick (eval, set.n);
  xp_value_clear (&set);
  xp_set_number (out, n);
  return within;
}

static gboolean
call_count (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  return count (eval, call, focus, FALSE, out);
}

static gboolean
call_count_non_empty (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  return count (eval, call, focus, TRUE, out);
}

static gboolean
call_last (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  xp_set_number (out, focus->size);
  return TRUE;
}

/* position (node): its number among the siblings of its name just before it, that is, which
 * instance of its repeat it is. */
static gboolean
call_position (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  if (call->n_operands == 0)
    {
      xp_set_number (out, focus->position);
      return TRUE;
    }
  XpValue set = XP_VALUE_INIT;
  if (!xp_eval_nodes (eval, call->operands[0], focus, &set))
    return FALSE;
  guint position = 0;
  PlazaNode *first = set.n > 0 ? xp_nodes (&set)[0] : NULL;
  for (PlazaNode *node = first; node != NULL; node = node->prev)
    if (node == first || node->kind == PLAZA_NODE_ELEMENT)
      {
        if (node->name != first->name)
          break;
        position++;
      }
  xp_value_clear (&set);
  xp_set_number (out, first != NULL ? position : NAN);
  return xp_tick (eval, position);
}

static gboolean
call_current (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  xp_push_node (out, eval->current);
  return TRUE;
}

/* ---- names ---- */

static gboolean
first_node (XpEval *eval, const XpExpr *call, const XpFocus *focus, PlazaNode **node)
{
  *node = focus->node;
  if (call->n_operands == 0)
    return TRUE;
  XpValue set = XP_VALUE_INIT;
  if (!xp_eval_nodes (eval, call->operands[0], focus, &set))
    return FALSE;
  *node = set.n > 0 ? xp_nodes (&set)[0] : NULL;
  xp_value_clear (&set);
  return TRUE;
}

static gboolean
has_name (PlazaNode *node)
{
  return node != NULL && (node->kind == PLAZA_NODE_ELEMENT || node->kind == PLAZA_NODE_ATTRIBUTE ||
                          node->kind == PLAZA_NODE_INSTRUCTION);
}

static gboolean
call_local_name (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  PlazaNode *node;
  if (!first_node (eval, call, focus, &node))
    return FALSE;
  xp_set_text (out, has_name (node) ? node->name->local : "");
  return TRUE;
}

static gboolean
call_name (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  PlazaNode *node;
  if (!first_node (eval, call, focus, &node))
    return FALSE;
  if (has_name (node) && node->prefix != NULL)
    xp_take_text (out, g_strdup_printf ("%s:%s", node->prefix, node->name->local));
  else
    xp_set_text (out, has_name (node) ? node->name->local : "");
  return TRUE;
}

static gboolean
call_namespace_uri (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  PlazaNode *node;
  if (!first_node (eval, call, focus, &node))
    return FALSE;
  xp_set_text (out, has_name (node) ? node->name->uri : "");
  return TRUE;
}

/* ---- other documents ---- */

static PlazaNode *
next_below (PlazaNode *node, PlazaNode *top)
{
  if (node->first_child != NULL)
    return node->first_child;
  while (node != top && node->next == NULL)
    node = node->parent;
  return node == top ? NULL : node->next;
}

static PlazaNode *
find_instance (XpEval *eval, const char *id)
{
  if (eval->host->instance != NULL)
    return eval->host->instance (id, eval->host->data);
  PlazaNode *top = plaza_tree_document (eval->current->tree);
  for (PlazaNode *node = top; node != NULL; node = next_below (node, top))
    if (plaza_node_is (node, NULL, "instance") &&
        g_strcmp0 (plaza_node_get_attribute (node, NULL, "id"), id) == 0)
      return node;
  return NULL;
}

static gboolean
call_instance (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue id = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &id);
  if (text == NULL)
    return FALSE;
  PlazaNode *instance = find_instance (eval, text);
  if (instance != NULL)
    xp_push_node (out, instance);
  else
    /* An id is a word of the form when it is written in it; one computed may be an answer. */
    plaza_throw (eval->error, PLAZA_ERROR_NOT_FOUND, "the form has no instance “%s”",
                 call->operands[0]->op == XP_LITERAL ? text : "…");
  xp_value_clear (&id);
  return instance != NULL;
}

/* The text of @expr at @row. (transfer full), NULL on error. */
static char *
row_text (XpEval *eval, const XpExpr *expr, PlazaNode *row)
{
  XpFocus focus = { row, 1, 1 };
  XpValue value = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, expr, &focus, &value);
  char *copy = g_strdup (text);
  xp_value_clear (&value);
  return copy;
}

/* The first item of @root whose @key is @value. */
static gboolean
pull_row (XpEval *eval, PlazaNode *root, const XpExpr *key, const char *value, PlazaNode **found)
{
  *found = NULL;
  if (xp_is_key_path (key))
    {
      const PlazaName *item = plaza_name_ref_new (NULL, "item");
      XpValue rows = XP_VALUE_INIT;
      gboolean by_table = xp_index_lookup (eval, root, XP_TEST_BARE_NAME, item, key->steps[0].test,
                                           key->steps[0].name, value, &rows);
      plaza_name_unref (item);
      if (rows.n > 0)
        *found = xp_nodes (&rows)[0];
      xp_value_clear (&rows);
      if (by_table)
        return TRUE;
    }
  for (PlazaNode *row = plaza_node_first_element (root); row != NULL;
       row = plaza_node_next_element (row))
    {
      if (!plaza_node_is (row, NULL, "item"))
        continue;
      g_autofree char *text = row_text (eval, key, row);
      if (text == NULL)
        return FALSE;
      if (strcmp (text, value) == 0)
        {
          *found = row;
          return TRUE;
        }
    }
  return TRUE;
}

static gboolean
pull (XpEval *eval, const char *const texts[4], XpValue *out)
{
  PlazaNode *instance = find_instance (eval, texts[0]), *row = NULL;
  if (instance == NULL)
    return plaza_throw (eval->error, PLAZA_ERROR_NOT_FOUND, "the form has no such instance");
  PlazaNode *root = plaza_node_first_element (instance);
  /* A column taken from a node could call pulldata() with that node again, without end. */
  if (eval->pulling)
    return plaza_throw (eval->error, PLAZA_ERROR_INVALID, "pulldata() inside pulldata()");
  eval->pulling = TRUE;
  /* Both columns are expressions of a row, mostly a name: `@code` is one, too. */
  XpExpr *want = xp_parse (texts[1], NULL, eval->error);
  XpExpr *key = want != NULL ? xp_parse (texts[2], NULL, eval->error) : NULL;
  gboolean done = key != NULL && (root == NULL || pull_row (eval, root, key, texts[3], &row));
  char *text = !done ? NULL : row != NULL ? row_text (eval, want, row) : g_strdup ("");
  xp_expr_free (want);
  xp_expr_free (key);
  eval->pulling = FALSE;
  if (text != NULL)
    xp_take_text (out, text);
  return text != NULL;
}

/* pulldata ('instance', 'wanted column', 'key column', value) */
static gboolean
call_pulldata (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue values[4] = { XP_VALUE_INIT, XP_VALUE_INIT, XP_VALUE_INIT, XP_VALUE_INIT };
  const char *texts[4];
  gboolean done = TRUE;
  for (guint i = 0; i < 4 && done; i++)
    done = (texts[i] = xp_eval_text (eval, call->operands[i], focus, &values[i])) != NULL;
  done = done && pull (eval, texts, out);
  for (guint i = 0; i < 4; i++)
    xp_value_clear (&values[i]);
  return done;
}

/* id ('a b'): elements by their id attribute. */
static gboolean
call_id (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT;
  if (!xp_eval (eval, call->operands[0], focus, &value))
    return FALSE;
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n = value.type == PLAZA_XPATH_NODESET ? value.n : 1;
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = value.type == PLAZA_XPATH_NODESET
                                  ? plaza_node_dup_string (xp_nodes (&value)[i])
                                  : g_strdup (xp_to_text (eval, &value));
      g_auto (GStrv) words = g_strsplit_set (text, " \t\r\n", -1);
      for (char **word = words; *word != NULL; word++)
        if (**word != '\0')
          g_hash_table_add (ids, g_strdup (*word));
    }
  xp_value_clear (&value);
  PlazaNode *top = plaza_tree_document (focus->node->tree);
  for (PlazaNode *node = top; node != NULL && g_hash_table_size (ids) > 0;
       node = next_below (node, top))
    {
      const char *id =
          node->kind == PLAZA_NODE_ELEMENT ? plaza_node_get_attribute (node, NULL, "id") : NULL;
      if (id != NULL && g_hash_table_remove (ids, id))
        xp_push_node (out, node);
      if (!xp_tick (eval, 0))
        {
          xp_value_clear (out);
          return FALSE;
        }
    }
  return TRUE;
}

/* ---- repeats ---- */

typedef struct
{
  XpValue repeats;
  double position;
  guint depth;
} IndexedRepeat;

static guint
depth_of (PlazaNode *node)
{
  guint depth = 0;
  for (; node->parent != NULL; node = node->parent)
    depth++;
  return depth;
}

static int
compare_depth (gconstpointer a, gconstpointer b)
{
  const IndexedRepeat *x = a, *y = b;
  return (int) x->depth - (int) y->depth;
}

/* From the outermost repeat in: the instance at its position among those inside the one chosen
 * before. NULL when one is missing. */
static PlazaNode *
choose_instance (IndexedRepeat *levels, guint n)
{
  PlazaNode *chosen = NULL;
  qsort (levels, n, sizeof *levels, compare_depth);
  for (guint i = 0; i < n; i++)
    {
      PlazaNode *outer = chosen;
      double position = 0;
      chosen = NULL;
      for (guint j = 0; j < levels[i].repeats.n && chosen == NULL; j++)
        {
          PlazaNode *repeat = xp_nodes (&levels[i].repeats)[j];
          if ((outer == NULL || plaza_node_is_ancestor (outer, repeat)) &&
              ++position == levels[i].position)
            chosen = repeat;
        }
      if (chosen == NULL)
        return NULL;
    }
  return chosen;
}

/* indexed-repeat (target, repeat, position, …): the target inside that instance. */
static gboolean
call_indexed_repeat (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  if (call->n_operands % 2 == 0)
    return plaza_throw (eval->error, PLAZA_ERROR_INVALID,
                        "indexed-repeat() has a repeat without a position");
  guint n = (call->n_operands - 1) / 2;
  g_autofree IndexedRepeat *levels = g_new0 (IndexedRepeat, n);
  XpValue targets = XP_VALUE_INIT;
  gboolean done = xp_eval_nodes (eval, call->operands[0], focus, &targets);
  guint work = targets.n;
  for (guint i = 0; i < n && done; i++)
    {
      done = xp_eval_nodes (eval, call->operands[1 + 2 * i], focus, &levels[i].repeats) &&
             xp_eval_number (eval, call->operands[2 + 2 * i], focus, &levels[i].position);
      work += levels[i].repeats.n;
      if (done && levels[i].repeats.n > 0)
        levels[i].depth = depth_of (xp_nodes (&levels[i].repeats)[0]);
    }
  done = done && xp_tick (eval, work);
  PlazaNode *instance = done ? choose_instance (levels, n) : NULL;
  for (guint i = 0; i < targets.n && instance != NULL; i++)
    if (plaza_node_is_ancestor (instance, xp_nodes (&targets)[i]))
      xp_push_node (out, xp_nodes (&targets)[i]);
  xp_value_clear (&targets);
  for (guint i = 0; i < n; i++)
    xp_value_clear (&levels[i].repeats);
  return done;
}

/* once (expression): the present value when there is one. */
static gboolean
call_once (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  xp_push_node (out, focus->node);
  if (*xp_to_text (eval, out) != '\0')
    return TRUE;
  xp_value_clear (out);
  return xp_eval_text (eval, call->operands[0], focus, out) != NULL;
}

/* ---- randomize ---- */

#define PARK_MILLER_MODULUS G_GINT64_CONSTANT (2147483647)

/* The seed as every ODK client derives it, so that all show one order: the integer part of a
 * number; of any other text the first eight bytes of its SHA-256, of none 0. */
static gint64
seed_of (XpEval *eval, XpValue *value)
{
  double number = xp_to_number (eval, value);
  gint64 seed;
  if (isinf (number))
    seed = (number > 0 ? G_MAXINT64 : G_MININT64) % PARK_MILLER_MODULUS;
  else if (!isnan (number))
    seed = (gint64) fmod (trunc (number), (double) PARK_MILLER_MODULUS);
  else
    {
      const char *text = xp_to_text (eval, value);
      guint8 bytes[32];
      gsize length = sizeof bytes;
      g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
      g_checksum_update (checksum, (const guchar *) text, (gssize) strlen (text));
      g_checksum_get_digest (checksum, bytes, &length);
      guint64 head = 0;
      for (guint i = 0; i < 8; i++)
        head = head << 8 | bytes[i];
      seed = *text == '\0' ? 0 : (gint64) head % PARK_MILLER_MODULUS;
    }
  return seed <= 0 ? seed + PARK_MILLER_MODULUS - 1 : seed;
}

/* Fisher-Yates inside out, driven by the minimal standard generator of Park and Miller. */
static gboolean
call_randomize (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue set = XP_VALUE_INIT, seed_value = XP_VALUE_INIT;
  gint64 seed = 1 + (gint64) (xp_random (eval) % (G_MAXINT32 - 1));
  if (!xp_eval_nodes (eval, call->operands[0], focus, &set))
    return FALSE;
  gboolean done = xp_tick (eval, set.n) &&
                  (call->n_operands < 2 || xp_eval (eval, call->operands[1], focus, &seed_value));
  if (done && call->n_operands > 1)
    seed = seed_of (eval, &seed_value);
  for (guint i = 0; i < set.n && done; i++)
    {
      seed = seed * 16807 % PARK_MILLER_MODULUS;
      guint j = (guint) ((double) (seed - 1) / (double) (PARK_MILLER_MODULUS - 1) * (i + 1));
      xp_push_node (out, xp_nodes (&set)[i]);
      if (j < i)
        {
          out->many[i] = out->many[j];
          out->many[j] = xp_nodes (&set)[i];
        }
    }
  xp_value_clear (&set);
  xp_value_clear (&seed_value);
  return done;
}

const XpFunction xp_nodeset_functions[] = {
  { "count", 1, 1, PLAZA_XPATH_NUMBER, call_count, 0 },
  { "count-non-empty", 1, 1, PLAZA_XPATH_NUMBER, call_count_non_empty, 0 },
  { "last", 0, 0, PLAZA_XPATH_NUMBER, call_last, 0 },
  { "position", 0, 1, PLAZA_XPATH_NUMBER, call_position, 0 },
  { "current", 0, 0, PLAZA_XPATH_NODESET, call_current, 0 },
  { "local-name", 0, 1, PLAZA_XPATH_STRING, call_local_name, 0 },
  { "name", 0, 1, PLAZA_XPATH_STRING, call_name, 0 },
  { "namespace-uri", 0, 1, PLAZA_XPATH_STRING, call_namespace_uri, 0 },
  { "instance", 1, 1, PLAZA_XPATH_NODESET, call_instance, PLAZA_XPATH_USES_INSTANCE },
  { "pulldata", 4, 4, PLAZA_XPATH_STRING, call_pulldata, PLAZA_XPATH_USES_INSTANCE },
  { "id", 1, 1, PLAZA_XPATH_NODESET, call_id, 0 },
  { "indexed-repeat", 3, -1, PLAZA_XPATH_NODESET, call_indexed_repeat, 0 },
  { "once", 1, 1, PLAZA_XPATH_STRING, call_once, PLAZA_XPATH_USES_OWN },
  { "randomize", 1, 2, PLAZA_XPATH_NODESET, call_randomize, 0 },
  { 0 },
};
