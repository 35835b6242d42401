/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/node-private.h"
#include "form/xpath-private.h"

#include <math.h>
#include <string.h>

gboolean
xp_test_matches (XpTest test, const PlazaName *name, PlazaNodeKind kind, PlazaNode *node)
{
  switch (test)
    {
    case XP_TEST_BARE_NAME:
      return node->kind == kind && node->name->bare == name &&
             (node->prefix == NULL || node->name == name);
    case XP_TEST_NAME:
      return node->kind == kind && node->name == name;
    case XP_TEST_ANY_NAME:
      return node->kind == kind;
    case XP_TEST_NAMESPACE:
      return node->kind == kind && strcmp (node->name->uri, name->uri) == 0;
    case XP_TEST_NODE:
      return TRUE;
    case XP_TEST_TEXT:
      return node->kind == PLAZA_NODE_TEXT;
    case XP_TEST_COMMENT:
      return node->kind == PLAZA_NODE_COMMENT;
    case XP_TEST_INSTRUCTION:
      return node->kind == PLAZA_NODE_INSTRUCTION && (name == NULL || node->name->bare == name);
    }
  return FALSE;
}

static gboolean
matches (const XpStep *step, PlazaNode *node)
{
  PlazaNodeKind kind = step->axis == XP_AXIS_ATTRIBUTE   ? PLAZA_NODE_ATTRIBUTE
                       : step->axis == XP_AXIS_NAMESPACE ? PLAZA_NODE_NAMESPACE
                                                         : PLAZA_NODE_ELEMENT;
  return xp_test_matches (step->test, step->name, kind, node);
}

/* ---- walking ---- */

static PlazaNode *
next_in (PlazaNode *node, PlazaNode *top)
{
  if (node->first_child != NULL)
    return node->first_child;
  while (node != top && node->next == NULL)
    node = node->parent;
  return node == top ? NULL : node->next;
}

static PlazaNode *
after_subtree (PlazaNode *node)
{
  while (node != NULL && node->next == NULL)
    node = node->parent;
  return node != NULL ? node->next : NULL;
}

static gboolean
is_attribute (PlazaNode *node)
{
  return node->kind == PLAZA_NODE_ATTRIBUTE || node->kind == PLAZA_NODE_NAMESPACE;
}

static gboolean
walk_preceding (XpEval *eval, const XpStep *step, PlazaNode *from, XpValue *out)
{
  if (is_attribute (from))
    from = from->parent;
  for (PlazaNode *level = from; level != NULL; level = level->parent)
    for (PlazaNode *sibling = level->prev; sibling != NULL; sibling = sibling->prev)
      {
        /* The subtree backwards: last descendants first. */
        PlazaNode *node = sibling;
        while (node->last_child != NULL)
          node = node->last_child;
        for (;;)
          {
            if (!xp_tick (eval, 0))
              return FALSE;
            if (matches (step, node))
              xp_push_node (out, node);
            if (node == sibling)
              break;
            if (node->prev == NULL)
              {
                node = node->parent;
                continue;
              }
            node = node->prev;
            while (node->last_child != NULL)
              node = node->last_child;
          }
      }
  return TRUE;
}

/* One candidate; the root of the evaluation has nothing above it. */
static void
consider (const XpStep *step, PlazaNode *node, XpValue *out)
{
  if (matches (step, node))
    xp_push_node (out, node);
}

static gboolean
walk_down (XpEval *eval, const XpStep *step, PlazaNode *from, XpValue *out)
{
  for (PlazaNode *node = next_in (from, from); node != NULL; node = next_in (node, from))
    {
      if (!xp_tick (eval, 0))
        return FALSE;
      consider (step, node, out);
    }
  return TRUE;
}

static void
walk_up (XpEval *eval, const XpStep *step, PlazaNode *from, XpValue *out)
{
  for (PlazaNode *node = from; node != NULL && node != eval->root; node = node->parent)
    if (node->parent != NULL)
      consider (step, node->parent, out);
}

/* Where a step asks for text, the text of a leaf has to be a node. `//` passes over text, so a
 * descendant node() need not see it. */
static gboolean
expand_text (XpEval *eval, const XpStep *step, PlazaNode *from)
{
  if (step->axis == XP_AXIS_CHILD && (step->test == XP_TEST_TEXT || step->test == XP_TEST_NODE))
    _plaza_node_expand_text (from);
  else if (step->test == XP_TEST_TEXT &&
           (step->axis == XP_AXIS_DESCENDANT || step->axis == XP_AXIS_DESCENDANT_OR_SELF))
    for (PlazaNode *node = from; node != NULL; node = next_in (node, from))
      {
        if (!xp_tick (eval, 0))
          return FALSE;
        _plaza_node_expand_text (node);
      }
  return TRUE;
}

/* The nodes of the axis, in its own direction. */
static gboolean
walk (XpEval *eval, const XpStep *step, PlazaNode *from, XpValue *out)
{
  if (!expand_text (eval, step, from))
    return FALSE;
  switch (step->axis)
    {
    case XP_AXIS_CHILD:
      for (PlazaNode *node = from->first_child; node != NULL; node = node->next)
        {
          eval->steps++;
          consider (step, node, out);
        }
      return xp_tick (eval, 0);
    case XP_AXIS_PARENT:
      if (from->parent != NULL && from != eval->root)
        consider (step, from->parent, out);
      return TRUE;
    case XP_AXIS_SELF:
      consider (step, from, out);
      return TRUE;
    case XP_AXIS_ATTRIBUTE:
      for (PlazaNode *node = from->first_attribute; node != NULL; node = node->next)
        if (node->kind == PLAZA_NODE_ATTRIBUTE)
          consider (step, node, out);
      return TRUE;
    case XP_AXIS_NAMESPACE:
      for (PlazaNode *node = from->first_attribute; node != NULL; node = node->next)
        if (node->kind == PLAZA_NODE_NAMESPACE)
          consider (step, node, out);
      return TRUE;
    case XP_AXIS_DESCENDANT_OR_SELF:
      consider (step, from, out);
      return walk_down (eval, step, from, out);
    case XP_AXIS_DESCENDANT:
      return walk_down (eval, step, from, out);
    case XP_AXIS_ANCESTOR_OR_SELF:
      consider (step, from, out);
      walk_up (eval, step, from, out);
      return TRUE;
    case XP_AXIS_ANCESTOR:
      walk_up (eval, step, from, out);
      return TRUE;
    case XP_AXIS_FOLLOWING_SIBLING:
      for (PlazaNode *node = is_attribute (from) ? NULL : from->next; node != NULL;
           node = node->next)
        consider (step, node, out);
      return TRUE;
    case XP_AXIS_PRECEDING_SIBLING:
      for (PlazaNode *node = is_attribute (from) ? NULL : from->prev; node != NULL;
           node = node->prev)
        consider (step, node, out);
      return TRUE;
    case XP_AXIS_FOLLOWING:
      for (PlazaNode *node = is_attribute (from) ? (from->parent->first_child != NULL
                                                        ? from->parent->first_child
                                                        : after_subtree (from->parent))
                                                 : after_subtree (from);
           node != NULL;
           node = node->first_child != NULL ? node->first_child : after_subtree (node))
        {
          if (!xp_tick (eval, 0))
            return FALSE;
          consider (step, node, out);
        }
      return TRUE;
    case XP_AXIS_PRECEDING:
      return walk_preceding (eval, step, from, out);
    }
  return TRUE;
}

static gboolean
is_reverse (XpAxis axis)
{
  return axis == XP_AXIS_ANCESTOR || axis == XP_AXIS_ANCESTOR_OR_SELF ||
         axis == XP_AXIS_PRECEDING || axis == XP_AXIS_PRECEDING_SIBLING;
}

/* ---- predicates ---- */

static void
pick (XpValue *set, double position)
{
  PlazaNode *node = NULL;
  if (position >= 1 && position <= set->n && position == trunc (position))
    node = xp_nodes (set)[(guint) position - 1];
  xp_value_clear (set);
  if (node != NULL)
    xp_push_node (set, node);
}

/* Keeps the nodes of @set (owned, in axis order) for which @predicate holds. */
static gboolean
filter (XpEval *eval, const XpExpr *predicate, XpValue *set)
{
  if (predicate->op == XP_NUMBER)
    {
      pick (set, predicate->number);
      return TRUE;
    }
  XpValue kept = XP_VALUE_INIT;
  for (guint i = 0; i < set->n; i++)
    {
      XpFocus focus = { xp_nodes (set)[i], i + 1, set->n };
      XpValue value = XP_VALUE_INIT;
      if (!xp_eval (eval, predicate, &focus, &value))
        {
          xp_value_clear (&kept);
          return FALSE;
        }
      gboolean keep = value.type == PLAZA_XPATH_NUMBER ? value.number == focus.position
                                                       : xp_to_boolean (&value);
      xp_value_clear (&value);
      if (keep)
        xp_push_node (&kept, focus.node);
    }
  xp_value_clear (set);
  *set = kept;
  return TRUE;
}

/* Finds the rows `[key = value …]` asks for by table. @found FALSE: there is none, go the long
 * way. */
static gboolean
find_by_key (XpEval *eval, const XpStep *step, PlazaNode *from, XpValue *out, gboolean *found)
{
  XpValue wanted = XP_VALUE_INIT;
  XpFocus focus = { from, 1, 1 };
  *found = FALSE;
  if (!xp_eval (eval, step->key.value, &focus, &wanted))
    return FALSE;
  /* Numbers, dates and booleans compare otherwise than by text; several texts need a merge. */
  if (wanted.type == PLAZA_XPATH_STRING || (wanted.type == PLAZA_XPATH_NODESET && wanted.n == 1))
    *found = xp_index_lookup (eval, from, step->test, step->name, step->key.key_test, step->key.key,
                              xp_to_text (eval, &wanted), out);
  xp_value_clear (&wanted);
  return TRUE;
}

static gboolean
step_from (XpEval *eval, const XpStep *step, PlazaNode *from, XpValue *out)
{
  if (step->n_predicates == 0)
    return walk (eval, step, from, out);
  XpValue set = XP_VALUE_INIT;
  guint first = 0;
  gboolean found = FALSE;
  gboolean done = step->key.key == NULL || find_by_key (eval, step, from, &set, &found);
  if (done && found)
    first = step->key.whole ? 1 : 0;
  else if (done)
    done = walk (eval, step, from, &set);
  for (guint i = first; i < step->n_predicates && done; i++)
    done = filter (eval, step->predicates[i], &set);
  for (guint i = 0; i < set.n && done; i++)
    xp_push_node (out, xp_nodes (&set)[i]);
  xp_value_clear (&set);
  return done;
}

/* ---- steps and paths ---- */

static void
reverse (XpValue *set)
{
  if (set->n > 1)
    for (guint i = 0, j = set->n - 1; i < j; i++, j--)
      {
        PlazaNode *node = set->many[i];
        set->many[i] = set->many[j];
        set->many[j] = node;
      }
}

/* Whether the children of @set, taken one after another, are in document order as they come. */
static gboolean
are_siblings (const XpValue *set)
{
  for (guint i = 1; i < set->n; i++)
    if (set->many[i]->parent != set->many[0]->parent)
      return FALSE;
  return TRUE;
}

static gboolean
take_step (XpEval *eval, const XpStep *step, const XpValue *in, XpValue *out)
{
  for (guint i = 0; i < in->n; i++)
    if (!step_from (eval, step, xp_nodes (in)[i], out))
      return FALSE;
  if (in->n < 2)
    {
      if (is_reverse (step->axis))
        reverse (out);
    }
  else if (step->axis == XP_AXIS_PARENT && are_siblings (in))
    pick (out, 1);
  else if (step->axis != XP_AXIS_SELF &&
           !((step->axis == XP_AXIS_CHILD || step->axis == XP_AXIS_ATTRIBUTE) && are_siblings (in)))
    {
      if (!xp_tick (eval, out->n))
        return FALSE;
      xp_sort (out);
    }
  return TRUE;
}

static gboolean
take_steps (XpEval *eval, const XpExpr *path, XpValue *set)
{
  for (guint i = 0; i < path->n_steps && set->n > 0; i++)
    {
      XpValue next = XP_VALUE_INIT;
      if (!take_step (eval, &path->steps[i], set, &next))
        {
          xp_value_clear (&next);
          return FALSE;
        }
      xp_value_clear (set);
      *set = next;
    }
  return TRUE;
}

/* ---- remembered paths ---- */

/* Nothing on the way from the root has gained or lost children since, so the nodes found then are
 * the nodes now: a removed parent has another children_stamp, see node.c. */
static gboolean
is_cache_valid (XpCache *cache, PlazaNode *root)
{
  if (cache->root != root || cache->stamp == 0)
    return FALSE;
  guint64 stamp = plaza_tree_stamp (root->tree);
  if (cache->stamp == stamp)
    return TRUE;
  /* The upper bits tell the tree: another one's parents may be gone. */
  if (cache->n_levels == 0 || cache->stamp >> 40 != stamp >> 40)
    return FALSE;
  for (guint i = 0; i < cache->n_levels; i++)
    if (cache->parents[i]->children_stamp != cache->parent_stamps[i])
      return FALSE;
  cache->stamp = stamp;
  return TRUE;
}

static void
remember (XpExpr *path, PlazaNode *root, XpValue *set)
{
  XpCache *cache = &path->cache;
  g_free (cache->many);
  cache->many = NULL;
  cache->root = root;
  cache->stamp = plaza_tree_stamp (root->tree);
  cache->n = set->n;
  if (set->n == 1)
    cache->one = set->one;
  else if (set->n > 1)
    cache->many = g_memdup2 (set->many, set->n * sizeof *set->many);
  /* The way is one chain of parents when the nodes found are siblings. */
  cache->n_levels = 0;
  if (set->n == 0 || !are_siblings (set))
    return;
  if (cache->parents == NULL)
    {
      cache->parents = g_new (PlazaNode *, path->n_steps);
      cache->parent_stamps = g_new (guint64, path->n_steps);
    }
  PlazaNode *parent = xp_nodes (set)[0]->parent;
  for (guint i = path->n_steps; i-- > 0 && parent != NULL; parent = parent->parent)
    {
      cache->parents[i] = parent;
      cache->parent_stamps[i] = parent->children_stamp;
      cache->n_levels++;
    }
}

static gboolean
eval_plain_path (XpEval *eval, XpExpr *path, XpValue *out)
{
  XpCache *cache = &path->cache;
  if (!is_cache_valid (cache, eval->root))
    {
      XpValue set = XP_VALUE_INIT;
      xp_push_node (&set, eval->root);
      if (!take_steps (eval, path, &set))
        {
          xp_value_clear (&set);
          return FALSE;
        }
      remember (path, eval->root, &set);
      xp_value_clear (&set);
    }
  *out = (XpValue){ .type = PLAZA_XPATH_NODESET, .n = cache->n };
  if (cache->n == 1)
    out->one = cache->one;
  else
    out->many = cache->many; /* not owned: lives until the path is evaluated again */
  return TRUE;
}

gboolean
xp_eval_path (XpEval *eval, const XpExpr *path, const XpFocus *focus, XpValue *out)
{
  if (path->plain)
    return eval_plain_path (eval, (XpExpr *) path, out);
  XpValue set = XP_VALUE_INIT;
  if (path->start != NULL)
    {
      if (!xp_eval_nodes (eval, path->start, focus, &set))
        return FALSE;
      if (path->n_filters > 0 && !set.owned && set.n > 1)
        {
          /* filter() changes the set it is given; this one belongs to a cache. */
          set.many = g_memdup2 (set.many, set.n * sizeof *set.many);
          set.owned = TRUE;
        }
    }
  else
    xp_push_node (&set, path->absolute ? eval->root : focus->node);
  gboolean done = TRUE;
  for (guint i = 0; i < path->n_filters && done; i++)
    done = filter (eval, path->filters[i], &set);
  if (!done || !take_steps (eval, path, &set))
    {
      xp_value_clear (&set);
      return FALSE;
    }
  *out = set;
  return TRUE;
}
