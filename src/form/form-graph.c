/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* The dependency graph: who reads what, in which order to compute, what is a cycle, and what a
 * contact answer leaks into.
 *
 * An edge keeps the repeat within whose instance the expression reads, so that a change in one
 * instance recomputes that instance only. It is found by marking the repeats in the context path:
 * where a dependency still carries the mark, the path stayed inside the instance. */

#include "form/form-private.h"

#include <string.h>

#define MARK '\001'
#define MAX_EDGES 4000000u

typedef struct
{
  PlazaLoader *loader;
  GPtrArray *ranked; /* the PlazaExpr that feed others */
  GHashTable *index; /* PlazaExpr → place in ranked + 1 */
  GArray **before;   /* per ranked expr: places of what comes before it, with the SOFT bit */
  GHashTable *reads; /* PlazaExpr → GPtrArray of PlazaModelNode */
  guint n_edges;
} Graph;

/* Across the instances of one repeat, or through a list of choices: orders, but is no cycle. */
#define SOFT 0x80000000u

static char *
marked_path (PlazaModelNode *node)
{
  GString *path = g_string_new (NULL);

  for (; node != NULL; node = node->parent)
    {
      g_autofree char *step = g_strdup_printf ("/%s%s%s", node->attribute ? "@" : "", node->local,
                                               node->kind == PLAZA_FIELD_REPEAT ? "\001" : "");
      g_string_prepend (path, step);
    }
  return g_string_free (path, FALSE);
}

static gboolean
add_reader (Graph *graph,
            PlazaModelNode *node,
            PlazaExpr *expr,
            PlazaModelNode *scope,
            gboolean values,
            gboolean below,
            GError **error)
{
  for (guint i = node->readers->len; i > 0; i--)
    {
      PlazaReader *reader = &g_array_index (node->readers, PlazaReader, i - 1);
      if (reader->expr != expr)
        break;
      if (reader->scope != scope || reader->values != values)
        continue;
      node = NULL;
      break;
    }
  if (node != NULL)
    {
      if (++graph->n_edges > MAX_EDGES)
        return plaza_throw (error, PLAZA_ERROR_LIMIT, "the form has more than %u dependencies",
                            MAX_EDGES);
      PlazaReader reader = { expr, scope, values };
      g_array_append_val (node->readers, reader);
      GPtrArray *reads = g_hash_table_lookup (graph->reads, expr);
      if (reads == NULL)
        {
          reads = g_ptr_array_new ();
          g_hash_table_insert (graph->reads, expr, reads);
        }
      g_ptr_array_add (reads, node);
      if (below)
        for (guint i = 0; i < node->children->len; i++)
          if (!add_reader (graph, g_ptr_array_index (node->children, i), expr, scope, TRUE, TRUE,
                           error))
            return FALSE;
    }
  return TRUE;
}

/* Adds what @xpath reads, seen from @context, to what @expr reads. */
static gboolean
add_xpath (Graph *graph,
           PlazaExpr *expr,
           PlazaXPath *xpath,
           PlazaModelNode *context,
           gboolean everywhere,
           gboolean below,
           GError **error)
{
  PlazaForm *form = graph->loader->form;
  g_autofree char *from = marked_path (context);
  g_autoptr (GPtrArray) found = plaza_xpath_dependencies (xpath, from);

  for (guint i = 0; i < found->len; i++)
    {
      PlazaXPathDependency *dependency = g_ptr_array_index (found, i);
      if (dependency->instance != NULL && !g_str_equal (dependency->instance, form->primary_id))
        continue;
      g_autofree char *path = g_strdup (dependency->path);
      PlazaModelNode *scope = NULL;
      char *last = strrchr (path, MARK);
      if (last != NULL)
        {
          gsize kept = 0, end = 0;
          for (gsize k = 0; path[k] != '\0'; k++)
            {
              if (&path[k] == last)
                end = kept;
              if (path[k] != MARK)
                path[kept++] = path[k];
            }
          path[kept] = '\0';
          g_autofree char *repeat = g_strndup (path, end);
          scope = everywhere ? NULL : plaza_form_find_path (form, repeat);
        }
      PlazaModelNode *node = g_str_equal (path, "/") || *path == '\0'
                                 ? form->nodes->pdata[0]
                                 : plaza_form_find_path (form, path);
      if (node == NULL)
        continue;
      gboolean all = dependency->values || dependency->any_below || below;
      if (!add_reader (graph, node, expr, scope, all, all, error))
        return FALSE;
      if (expr->kind == PLAZA_EXPR_RELEVANT && scope == expr->owner)
        expr->own_frame = TRUE;
    }
  return TRUE;
}

static gboolean
add_segments (Graph *graph, PlazaExpr *expr, GPtrArray *segments, GError **error)
{
  for (guint i = 0; i < segments->len; i++)
    {
      PlazaSegment *segment = g_ptr_array_index (segments, i);
      if (segment->output != NULL &&
          !add_xpath (graph, expr, segment->output, expr->owner, FALSE, FALSE, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_text (Graph *graph, PlazaExpr *expr, PlazaText *text, GError **error)
{
  PlazaForm *form = graph->loader->form;

  if (text == NULL)
    return TRUE;
  switch (text->kind)
    {
    case PLAZA_TEXT_INLINE:
      return add_segments (graph, expr, text->segments, error);
    case PLAZA_TEXT_COMPUTED:
      return add_xpath (graph, expr, text->xpath, expr->owner, FALSE, FALSE, error);
    case PLAZA_TEXT_ITEXT:
      for (guint i = 0; i < form->itext->len; i++)
        {
          GPtrArray *values = plaza_form_get_itext (form, i, text->id);
          for (guint k = 0; values != NULL && k < values->len; k++)
            if (!add_segments (graph, expr,
                               ((PlazaItextValue *) g_ptr_array_index (values, k))->segments,
                               error))
              return FALSE;
        }
      return TRUE;
    }
  return TRUE;
}

/* jr:choice-name() names its select in a string: what filters that select's choices is read too. */
static gboolean
add_choice_names (Graph *graph, PlazaExpr *expr, GError **error)
{
  const char *p = plaza_xpath_source (expr->xpath);

  if (strstr (p, "choice-name") == NULL)
    return TRUE;
  while ((p = strpbrk (p, "'\"")) != NULL)
    {
      const char *end = strchr (p + 1, *p);
      if (end == NULL)
        break;
      g_autofree char *ref = g_strstrip (g_strndup (p + 1, end - p - 1));
      PlazaModelNode *select = plaza_form_resolve (graph->loader->form, ref, expr->owner, NULL);
      if (select != NULL && select->choices != NULL && select->choices->nodeset != NULL &&
          !add_xpath (graph, expr, select->choices->nodeset, select, TRUE, TRUE, error))
        return FALSE;
      p = end + 1;
    }
  return TRUE;
}

static gboolean
add_node (Graph *graph, PlazaModelNode *node, GError **error)
{
  for (guint kind = 0; kind < PLAZA_N_EXPR; kind++)
    {
      PlazaExpr *expr = node->exprs[kind];
      if (expr != NULL && expr->xpath != NULL &&
          (!add_xpath (graph, expr, expr->xpath, node, FALSE, FALSE, error) ||
           !add_choice_names (graph, expr, error)))
        return FALSE;
    }

  PlazaChoiceSource *source = node->choices;
  if (source != NULL)
    {
      PlazaExpr *expr = node->exprs[PLAZA_EXPR_CHOICES];
      if (source->nodeset != NULL &&
          !add_xpath (graph, expr, source->nodeset, node, FALSE, TRUE, error))
        return FALSE;
      for (guint i = 0; source->items != NULL && i < source->items->len; i++)
        if (!add_text (graph, expr,
                       ((PlazaChoiceItem *) g_ptr_array_index (source->items, i))->label, error))
          return FALSE;
    }

  PlazaExpr *expr = plaza_model_node_add_expr (node, PLAZA_EXPR_TEXT, NULL);
  return add_text (graph, expr, plaza_model_node_get_label (node), error) &&
         add_text (graph, expr, plaza_model_node_get_hint (node), error) &&
         add_text (graph, expr, node->required_message, error) &&
         add_text (graph, expr, node->constraint_message, error);
}

static void
add_before (Graph *graph, guint place, PlazaExpr *before, guint soft)
{
  gpointer found = before != NULL ? g_hash_table_lookup (graph->index, before) : NULL;

  if (found != NULL)
    {
      guint value = (GPOINTER_TO_UINT (found) - 1) | soft;
      g_array_append_val (graph->before[place], value);
    }
}

static void
collect_order (Graph *graph)
{
  PlazaForm *form = graph->loader->form;

  for (guint i = 0; i < form->nodes->len; i++)
    {
      PlazaModelNode *node = g_ptr_array_index (form->nodes, i);
      for (guint k = 0; k < node->readers->len; k++)
        {
          PlazaReader *reader = &g_array_index (node->readers, PlazaReader, k);
          gpointer found = g_hash_table_lookup (graph->index, reader->expr);
          if (found == NULL)
            continue;
          guint place = GPOINTER_TO_UINT (found) - 1;
          PlazaModelNode *owner = reader->expr->owner;
          gboolean choices = reader->expr->kind == PLAZA_EXPR_CHOICES;
          gboolean across = choices || (node->repeat != NULL && owner->repeat == node->repeat &&
                                        reader->scope != node->repeat);
          if (reader->values)
            {
              add_before (graph, place, node->exprs[PLAZA_EXPR_CALCULATE], across ? SOFT : 0);
              add_before (graph, place, node->exprs[PLAZA_EXPR_CHOICES], SOFT);
            }
          for (PlazaModelNode *above = node; above != NULL; above = above->parent)
            {
              gboolean own = above == owner && above != node;
              if (reader->values)
                add_before (graph, place, above->exprs[PLAZA_EXPR_RELEVANT],
                            across || own ? SOFT : 0);
              add_before (graph, place, above->exprs[PLAZA_EXPR_COUNT], SOFT);
            }
        }
    }
}

/* Tarjan's algorithm without recursion over the edges "is computed after"; components come out
 * with what they need before them. @visit gets each component. */
typedef gboolean (*ComponentFunc) (Graph *graph, const guint *members, guint n, GError **error);

static gboolean
components (Graph *graph, gboolean soft, ComponentFunc visit, GError **error)
{
  guint n = graph->ranked->len;
  g_autofree guint *number = g_new0 (guint, n + 1);
  g_autofree guint *low = g_new0 (guint, n + 1);
  g_autofree guint *next = g_new0 (guint, n + 1);
  g_autofree gboolean *waiting = g_new0 (gboolean, n + 1);
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint));
  guint counter = 0;

  for (guint start = 0; start < n; start++)
    {
      if (number[start] != 0)
        continue;
      g_array_append_val (path, start);
      while (path->len > 0)
        {
          guint at = g_array_index (path, guint, path->len - 1);
          if (number[at] == 0)
            {
              number[at] = low[at] = ++counter;
              waiting[at] = TRUE;
              g_array_append_val (stack, at);
            }
          gboolean deeper = FALSE;
          while (next[at] < graph->before[at]->len && !deeper)
            {
              guint edge = g_array_index (graph->before[at], guint, next[at]);
              guint to = edge & ~SOFT;
              if ((edge & SOFT) != 0 && !soft)
                next[at]++;
              else if (number[to] == 0)
                {
                  g_array_append_val (path, to);
                  deeper = TRUE;
                }
              else
                {
                  if (waiting[to])
                    low[at] = MIN (low[at], low[to]);
                  next[at]++;
                }
            }
          if (deeper)
            continue;
          if (low[at] == number[at])
            {
              guint first = stack->len;
              do
                waiting[g_array_index (stack, guint, --first)] = FALSE;
              while (g_array_index (stack, guint, first) != at);
              if (!visit (graph, &g_array_index (stack, guint, first), stack->len - first, error))
                return FALSE;
              g_array_set_size (stack, first);
            }
          g_array_set_size (path, path->len - 1);
        }
    }
  return TRUE;
}

static gboolean
rank_component (Graph *graph, const guint *members, guint n, GError **error)
{
  PlazaForm *form = graph->loader->form;

  for (guint i = 0; i < n; i++)
    {
      PlazaExpr *expr = g_ptr_array_index (graph->ranked, members[i]);
      expr->rank = form->ranked->len;
      g_ptr_array_add (form->ranked, expr);
    }
  return TRUE;
}

/* One way round the component, for the message: the shortest is found by a search from its first
 * member. */
static char *
describe_cycle (Graph *graph, const guint *members, guint n)
{
  g_autoptr (GHashTable) inside = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) from = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) queue = g_array_new (FALSE, FALSE, sizeof (guint));
  GString *text = g_string_new (NULL);
  guint start = members[0];

  for (guint i = 0; i < n; i++)
    g_hash_table_add (inside, GUINT_TO_POINTER (members[i] + 1));
  g_array_append_val (queue, start);
  guint last = start;
  for (guint i = 0; i < queue->len; i++)
    {
      guint at = g_array_index (queue, guint, i);
      gboolean closed = FALSE;
      for (guint k = 0; k < graph->before[at]->len && !closed; k++)
        {
          guint to = g_array_index (graph->before[at], guint, k);
          if ((to & SOFT) != 0 || !g_hash_table_contains (inside, GUINT_TO_POINTER (to + 1)))
            continue;
          if (to == start)
            {
              last = at;
              closed = TRUE;
            }
          else if (!g_hash_table_contains (from, GUINT_TO_POINTER (to + 1)))
            {
              g_hash_table_insert (from, GUINT_TO_POINTER (to + 1), GUINT_TO_POINTER (at));
              g_array_append_val (queue, to);
            }
        }
      if (closed)
        break;
    }
  /* From the last back to the first is the order in which one is computed from the other. */
  PlazaExpr *first = g_ptr_array_index (graph->ranked, start);
  guint shown = 0;
  for (guint at = last;;
       at = GPOINTER_TO_UINT (g_hash_table_lookup (from, GUINT_TO_POINTER (at + 1))))
    {
      PlazaExpr *expr = g_ptr_array_index (graph->ranked, at);
      if (shown++ < 12)
        g_string_append_printf (text, "%s → ", expr->owner->ref);
      if (at == start)
        break;
    }
  if (shown > 12)
    g_string_append (text, "… → ");
  PlazaExpr *again = g_ptr_array_index (graph->ranked, last);
  g_string_append (text, shown > 1 ? again->owner->ref : first->owner->ref);
  return g_string_free (text, FALSE);
}

static gboolean
refuse_cycle (Graph *graph, const guint *members, guint n, GError **error)
{
  gboolean cycle = n > 1;
  gboolean relevance_only = n > 1;

  for (guint i = 0; i < n; i++)
    {
      PlazaExpr *expr = g_ptr_array_index (graph->ranked, members[i]);
      relevance_only = relevance_only && expr->kind == PLAZA_EXPR_RELEVANT;
      for (guint k = 0; n == 1 && k < graph->before[members[i]]->len; k++)
        cycle = cycle || g_array_index (graph->before[members[i]], guint, k) == members[i];
    }
  /* Two questions that show each other settle: each change can only follow from the last. */
  if (!cycle || relevance_only)
    return TRUE;
  g_autofree char *names = describe_cycle (graph, members, n);
  PlazaExpr *expr = g_ptr_array_index (graph->ranked, members[0]);
  return plaza_throw (error, PLAZA_ERROR_INVALID, "line %u: dependency cycle: %s",
                      expr->owner->line, names);
}

static gboolean
add_action_readers (Graph *graph, GHashTable *stand_ins, GError **error)
{
  PlazaForm *form = graph->loader->form;

  for (guint i = 0; i < form->actions->len; i++)
    {
      PlazaAction *action = g_ptr_array_index (form->actions, i);
      if (action->value == NULL)
        continue;
      g_autoptr (GPtrArray) found = plaza_xpath_dependencies (action->value, action->target->path);
      for (guint k = 0; k < found->len; k++)
        {
          PlazaXPathDependency *dependency = g_ptr_array_index (found, k);
          PlazaModelNode *node =
              dependency->instance == NULL ? plaza_form_find_path (form, dependency->path) : NULL;
          if (node == NULL)
            continue;
          GPtrArray *targets = g_hash_table_lookup (stand_ins, node);
          if (targets == NULL)
            {
              targets = g_ptr_array_new ();
              g_hash_table_insert (stand_ins, node, targets);
            }
          g_ptr_array_add (targets, action->target);
        }
    }
  return TRUE;
}

static void
taint (GPtrArray *queue, PlazaModelNode *node)
{
  if (node->contact)
    return;
  node->contact = TRUE;
  g_ptr_array_add (queue, node);
}

/* What is calculated from a contact answer is one too; a group of nothing else as well. */
static gboolean
spread_contact (Graph *graph, GError **error)
{
  PlazaForm *form = graph->loader->form;
  g_autoptr (GPtrArray) queue = g_ptr_array_new ();
  g_autoptr (GHashTable) set_from =
      g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);

  if (!add_action_readers (graph, set_from, error))
    return FALSE;
  for (guint i = 0; i < form->nodes->len; i++)
    {
      PlazaModelNode *node = g_ptr_array_index (form->nodes, i);
      if (g_strcmp0 (plaza_model_node_get_privacy (node), "contact") == 0)
        taint (queue, node);
    }
  for (guint i = 0; i < queue->len; i++)
    {
      PlazaModelNode *node = g_ptr_array_index (queue, i);
      for (guint k = 0; k < node->children->len; k++)
        taint (queue, g_ptr_array_index (node->children, k));
      for (guint k = 0; k < node->readers->len; k++)
        {
          PlazaReader *reader = &g_array_index (node->readers, PlazaReader, k);
          if (reader->expr->kind == PLAZA_EXPR_CALCULATE || reader->expr->kind == PLAZA_EXPR_COUNT)
            taint (queue, reader->expr->owner);
        }
      GPtrArray *targets = g_hash_table_lookup (set_from, node);
      for (guint k = 0; targets != NULL && k < targets->len; k++)
        taint (queue, g_ptr_array_index (targets, k));
    }
  if (form->instance_id != NULL && form->instance_id->contact)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "%s is made from contact answers",
                        form->instance_id->ref);
  for (guint i = form->nodes->len; i > 1; i--)
    {
      PlazaModelNode *node = g_ptr_array_index (form->nodes, i - 1);
      gboolean all = node->children->len > 0;
      for (guint k = 0; k < node->children->len; k++)
        all = all && ((PlazaModelNode *) g_ptr_array_index (node->children, k))->contact;
      node->contact = node->contact || all;
    }
  return TRUE;
}

/* In a counted repeat a select is a key when what may be chosen and how many instances there are
 * come from the same answer: the topics that were marked. */
static void
find_keys (Graph *graph, PlazaModelNode *repeat)
{
  g_autoptr (GHashTable) sources = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) queue = g_ptr_array_new ();
  PlazaForm *form = graph->loader->form;

  g_ptr_array_add (queue, repeat->exprs[PLAZA_EXPR_COUNT]);
  for (guint i = 0; i < queue->len; i++)
    {
      GPtrArray *reads = g_hash_table_lookup (graph->reads, g_ptr_array_index (queue, i));
      for (guint k = 0; reads != NULL && k < reads->len; k++)
        {
          PlazaModelNode *node = g_ptr_array_index (reads, k);
          if (g_hash_table_add (sources, node) && node->exprs[PLAZA_EXPR_CALCULATE] != NULL)
            g_ptr_array_add (queue, node->exprs[PLAZA_EXPR_CALCULATE]);
        }
    }
  for (guint i = 0; i < form->nodes->len; i++)
    {
      PlazaModelNode *node = g_ptr_array_index (form->nodes, i);
      if (node->frame != repeat || node->exprs[PLAZA_EXPR_CHOICES] == NULL)
        continue;
      GPtrArray *reads = g_hash_table_lookup (graph->reads, node->exprs[PLAZA_EXPR_CHOICES]);
      for (guint k = 0; reads != NULL && k < reads->len; k++)
        node->key_select =
            node->key_select || g_hash_table_contains (sources, g_ptr_array_index (reads, k));
    }
}

gboolean
plaza_load_graph (PlazaLoader *self, GError **error)
{
  PlazaForm *form = self->form;
  g_autoptr (GPtrArray) ranked = g_ptr_array_new ();
  g_autoptr (GHashTable) index = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) reads =
      g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  Graph graph = { .loader = self, .ranked = ranked, .index = index, .reads = reads };

  for (guint i = 0; i < form->nodes->len; i++)
    {
      PlazaModelNode *node = g_ptr_array_index (form->nodes, i);
      if (node->choices != NULL)
        plaza_model_node_add_expr (node, PLAZA_EXPR_CHOICES, NULL);
      for (guint kind = 0; kind <= PLAZA_EXPR_LAST_RANKED; kind++)
        if (node->exprs[kind] != NULL)
          {
            g_ptr_array_add (ranked, node->exprs[kind]);
            g_hash_table_insert (index, node->exprs[kind], GUINT_TO_POINTER (ranked->len));
          }
    }
  for (guint i = 0; i < form->nodes->len; i++)
    {
      PlazaModelNode *node = g_ptr_array_index (form->nodes, i);
      if (!add_node (&graph, node, error))
        {
          g_prefix_error (error, "%s: ", node->ref);
          return FALSE;
        }
    }

  g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  for (guint i = 0; i < ranked->len; i++)
    g_ptr_array_add (before, g_array_new (FALSE, FALSE, sizeof (guint)));
  graph.before = (GArray **) before->pdata;
  collect_order (&graph);
  if (!components (&graph, FALSE, refuse_cycle, error) ||
      !components (&graph, TRUE, rank_component, error) || !spread_contact (&graph, error))
    return FALSE;

  for (guint i = 0; i < form->nodes->len; i++)
    {
      PlazaModelNode *node = g_ptr_array_index (form->nodes, i);
      if (node->exprs[PLAZA_EXPR_COUNT] != NULL)
        find_keys (&graph, node);
    }
  return TRUE;
}
