/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-private.h"

#include <string.h>

/* A set of nodes as a template path can say it. */
typedef struct
{
  const char *instance; /* NULL = the main one; borrowed from the expression */
  char *path;           /* "" is the root */
  gboolean any_below;
} Place;

typedef struct
{
  GPtrArray *found;
  GHashTable *seen; /* "instance\npath\nany" → PlazaXPathDependency */
  const Place *current;
} Walk;

static void
walk_expr (Walk *walk, const XpExpr *expr, const Place *at, gboolean values, Place *result);

static void
place_set (Place *place, const char *instance, const char *path, gboolean any_below)
{
  char *copy = g_strdup (path);
  g_free (place->path);
  *place = (Place){ instance, copy, any_below };
}

static void
dependency_free (gpointer data)
{
  PlazaXPathDependency *self = data;
  g_free (self->instance);
  g_free (self->path);
  g_free (self);
}

static void
note (Walk *walk, const Place *place, gboolean values)
{
  char *key = g_strdup_printf ("%s\n%s\n%d", place->instance != NULL ? place->instance : "\n",
                               place->path, place->any_below);
  PlazaXPathDependency *dependency = g_hash_table_lookup (walk->seen, key);
  if (dependency == NULL)
    {
      dependency = g_new0 (PlazaXPathDependency, 1);
      dependency->instance = g_strdup (place->instance);
      dependency->path = g_strdup (*place->path != '\0' ? place->path : "/");
      dependency->any_below = place->any_below;
      g_ptr_array_add (walk->found, dependency);
      g_hash_table_insert (walk->seen, key, dependency);
    }
  else
    g_free (key);
  dependency->values |= values;
}

static void
go_up (Place *place)
{
  char *slash = strrchr (place->path, '/');
  if (slash != NULL)
    *slash = '\0';
  /* What may be at any depth may have its parent at any depth, this one included. */
}

static void
go_down (Place *place, const XpStep *step, const char *mark)
{
  gboolean named = step->test == XP_TEST_NAME || step->test == XP_TEST_BARE_NAME;
  if (place->any_below || step->test == XP_TEST_TEXT)
    return;
  if (!named)
    {
      place->any_below = TRUE;
      return;
    }
  char *path = g_strdup_printf ("%s/%s%s", place->path, mark, step->name->local);
  g_free (place->path);
  place->path = path;
}

static void
take (Place *place, const XpStep *step)
{
  switch (step->axis)
    {
    case XP_AXIS_CHILD:
      go_down (place, step, "");
      break;
    case XP_AXIS_ATTRIBUTE:
    case XP_AXIS_NAMESPACE:
      go_down (place, step, "@");
      break;
    case XP_AXIS_PARENT:
      go_up (place);
      break;
    case XP_AXIS_SELF:
      break;
    case XP_AXIS_DESCENDANT:
    case XP_AXIS_DESCENDANT_OR_SELF:
      place->any_below = TRUE;
      break;
    case XP_AXIS_FOLLOWING_SIBLING:
    case XP_AXIS_PRECEDING_SIBLING:
      go_up (place);
      go_down (place, step, "");
      break;
    case XP_AXIS_ANCESTOR:
    case XP_AXIS_ANCESTOR_OR_SELF:
    case XP_AXIS_FOLLOWING:
    case XP_AXIS_PRECEDING:
      place_set (place, place->instance, "", TRUE);
      break;
    }
}

static void
walk_all (Walk *walk, XpExpr **exprs, guint n, const Place *at)
{
  for (guint i = 0; i < n; i++)
    walk_expr (walk, exprs[i], at, TRUE, NULL);
}

static void
walk_path (Walk *walk, const XpExpr *path, const Place *at, gboolean values, Place *result)
{
  Place place = { 0 };
  if (path->start != NULL)
    walk_expr (walk, path->start, at, path->n_steps == 0 && values, &place);
  else if (path->absolute)
    place_set (&place, NULL, "", FALSE);
  else
    place_set (&place, at->instance, at->path, at->any_below);
  if (path->n_filters > 0)
    {
      note (walk, &place, FALSE);
      walk_all (walk, path->filters, path->n_filters, &place);
    }
  for (guint i = 0; i < path->n_steps; i++)
    {
      const XpStep *step = &path->steps[i];
      take (&place, step);
      if (step->n_predicates > 0)
        {
          note (walk, &place, FALSE);
          walk_all (walk, step->predicates, step->n_predicates, &place);
        }
    }
  note (walk, &place, values);
  if (result != NULL)
    *result = place;
  else
    g_free (place.path);
}

static gboolean
is_one_of (const char *name, const char *const *names)
{
  return name != NULL && g_strv_contains (names, name);
}

/* The reference that jr:choice-name() has as text. */
static void
walk_reference (Walk *walk, const XpExpr *argument, const Place *at)
{
  g_autoptr (PlazaXPath) reference =
      argument->op == XP_LITERAL ? plaza_xpath_compile (argument->text, NULL, NULL) : NULL;
  if (reference != NULL)
    walk_expr (walk, reference->root, at, TRUE, NULL);
}

static void
walk_call (Walk *walk, const XpExpr *call, const Place *at, gboolean values, Place *result)
{
  static const char *const counting[] = { "count",      "position",      "last", "name",
                                          "local-name", "namespace-uri", NULL };
  static const char *const reading_own[] = { "string",          "number", "string-length",
                                             "normalize-space", "lang",   NULL };
  const char *name = call->function != NULL ? call->function->name : NULL;
  gboolean literal = call->n_operands > 0 && call->operands[0]->op == XP_LITERAL;
  Place place = { 0 };
  place_set (&place, NULL, "", TRUE);

  if (g_strcmp0 (name, "current") == 0)
    {
      place_set (&place, walk->current->instance, walk->current->path, walk->current->any_below);
      if (result == NULL || values)
        note (walk, &place, values);
    }
  else if (g_strcmp0 (name, "instance") == 0)
    {
      place_set (&place, literal ? call->operands[0]->text : "", "", !literal);
      walk_all (walk, call->operands, call->n_operands, at);
      if (result == NULL || values)
        note (walk, &place, values);
    }
  else if (g_strcmp0 (name, "indexed-repeat") == 0 || g_strcmp0 (name, "randomize") == 0)
    {
      gboolean repeats = *name == 'i';
      for (guint i = 0; i < call->n_operands; i++)
        if (i == 0)
          {
            g_clear_pointer (&place.path, g_free);
            walk_expr (walk, call->operands[0], at, values, &place);
          }
        else
          walk_expr (walk, call->operands[i], at, !repeats || i % 2 == 0, NULL);
    }
  else
    {
      gboolean structure = is_one_of (name, counting);
      for (guint i = 0; i < call->n_operands; i++)
        walk_expr (walk, call->operands[i], at, !structure, NULL);
      if (is_one_of (name, reading_own) && (call->n_operands == 0 || *name == 'l'))
        note (walk, at, TRUE);
      else if (g_strcmp0 (name, "pulldata") == 0)
        {
          place_set (&place, literal ? call->operands[0]->text : "", "", TRUE);
          note (walk, &place, TRUE);
        }
      else if (g_strcmp0 (name, "jr:choice-name") == 0 && call->n_operands > 1)
        walk_reference (walk, call->operands[1], at);
      else if (g_strcmp0 (name, "id") == 0)
        note (walk, &place, TRUE);
    }
  if (result != NULL)
    *result = place;
  else
    g_free (place.path);
}

/* Notes what @expr reads with its context node at @at; @values: whether the texts of the nodes it
 * gives are read, or only which they are. @result: where the nodes it gives are (to be freed). */
static void
walk_expr (Walk *walk, const XpExpr *expr, const Place *at, gboolean values, Place *result)
{
  if (expr->op == XP_PATH)
    {
      walk_path (walk, expr, at, values, result);
      return;
    }
  if (expr->op == XP_CALL)
    {
      walk_call (walk, expr, at, values, result);
      return;
    }
  for (guint i = 0; i < expr->n_operands; i++)
    walk_expr (walk, expr->operands[i], at, values, NULL);
  if (result != NULL)
    {
      *result = (Place){ 0 };
      place_set (result, NULL, "", TRUE);
    }
}

static void
place_from_path (Place *place, const char *context_path)
{
  *place = (Place){ 0 };
  place_set (place, NULL,
             context_path == NULL || strcmp (context_path, "/") == 0 ? "" : context_path, FALSE);
}

GPtrArray *
plaza_xpath_dependencies (PlazaXPath *self, const char *context_path)
{
  Place at;
  place_from_path (&at, context_path);
  Walk walk = { .found = g_ptr_array_new_with_free_func (dependency_free),
                .seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                .current = &at };
  walk_expr (&walk, self->root, &at, TRUE, NULL);
  g_hash_table_unref (walk.seen);
  g_free (at.path);
  return walk.found;
}

char *
plaza_xpath_get_path (PlazaXPath *self, const char *context_path)
{
  const XpExpr *path = self->root;
  if (path->op != XP_PATH || path->n_filters > 0)
    return NULL;
  if (path->start != NULL &&
      (path->start->op != XP_CALL || g_strcmp0 (path->start->text, "current") != 0))
    return NULL;
  if (!path->absolute && context_path == NULL)
    return NULL;
  Place place;
  place_from_path (&place, path->absolute ? NULL : context_path);
  for (guint i = 0; i < path->n_steps; i++)
    {
      const XpStep *step = &path->steps[i];
      gboolean named = step->test == XP_TEST_NAME || step->test == XP_TEST_BARE_NAME;
      gboolean simple =
          step->n_predicates == 0 &&
          ((step->axis == XP_AXIS_CHILD && named) ||
           (step->test == XP_TEST_NODE && step->axis == XP_AXIS_SELF) ||
           (step->test == XP_TEST_NODE && step->axis == XP_AXIS_PARENT && *place.path != '\0'));
      if (!simple)
        {
          g_free (place.path);
          return NULL;
        }
      take (&place, step);
    }
  if (*place.path == '\0')
    place_set (&place, NULL, "/", FALSE);
  return place.path;
}
