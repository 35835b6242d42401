/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-private.h"

#include <math.h>
#include <string.h>

void
xp_value_clear (XpValue *value)
{
  if (value->owned)
    g_free (value->type == PLAZA_XPATH_NODESET ? (gpointer) value->many : (gpointer) value->text);
  *value = (XpValue) XP_VALUE_INIT;
}

void
xp_set_number (XpValue *out, double number)
{
  *out = (XpValue){ .type = PLAZA_XPATH_NUMBER, .number = number };
}

void
xp_set_boolean (XpValue *out, gboolean boolean)
{
  *out = (XpValue){ .type = PLAZA_XPATH_BOOLEAN, .boolean = boolean };
}

void
xp_set_date (XpValue *out, double milliseconds)
{
  *out = (XpValue){ .type = PLAZA_XPATH_DATE, .number = milliseconds };
}

void
xp_take_text (XpValue *out, char *text)
{
  *out = (XpValue){ .type = PLAZA_XPATH_STRING, .owned = TRUE, .text = text };
}

void
xp_set_text (XpValue *out, const char *text)
{
  *out = (XpValue){ .type = PLAZA_XPATH_STRING, .text = text };
}

void
xp_push_node (XpValue *set, PlazaNode *node)
{
  if (set->n == 0)
    set->one = node;
  else if (set->n == 1)
    {
      PlazaNode **many = g_new (PlazaNode *, 8);
      many[0] = set->one;
      many[1] = node;
      set->many = many;
      set->capacity = 8;
      set->owned = TRUE;
    }
  else
    {
      if (set->n == set->capacity)
        {
          set->capacity *= 2;
          set->many = g_renew (PlazaNode *, set->many, set->capacity);
        }
      set->many[set->n] = node;
    }
  set->n++;
}

static int
compare_nodes (gconstpointer a, gconstpointer b)
{
  return plaza_node_compare (*(PlazaNode *const *) a, *(PlazaNode *const *) b);
}

/* Document order without duplicates. The set is owned or has at most one node. */
void
xp_sort (XpValue *set)
{
  if (set->n < 2)
    return;
  gboolean sorted = TRUE;
  for (guint i = 1; i < set->n && sorted; i++)
    sorted = plaza_node_compare (set->many[i - 1], set->many[i]) < 0;
  if (sorted)
    return;
  qsort (set->many, set->n, sizeof *set->many, compare_nodes);
  guint kept = 1;
  for (guint i = 1; i < set->n; i++)
    if (set->many[i] != set->many[kept - 1])
      set->many[kept++] = set->many[i];
  set->n = kept;
  if (kept == 1)
    {
      PlazaNode *one = set->many[0];
      g_free (set->many);
      set->one = one;
      set->owned = FALSE;
    }
}

/* ---- numbers and text ---- */

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* XPath's own grammar for numbers, between white space: no sign but minus, no exponent; the names
 * of the infinities, because string() writes them. */
static gboolean
parse_number (const char *text, double *number)
{
  while (is_space (*text))
    text++;
  const char *p = text;
  gboolean negative = *p == '-';
  if (negative)
    p++;
  const char *first = p;
  double whole = 0;
  while (g_ascii_isdigit (*p))
    whole = whole * 10 + (*p++ - '0');
  gsize digits = (gsize) (p - first);
  if (*p == '.')
    {
      p++;
      const char *fraction = p;
      while (g_ascii_isdigit (*p))
        p++;
      if (digits == 0 && p == fraction)
        return FALSE;
      if (p > fraction || digits > 15)
        digits = 100;
    }
  else if (digits == 0)
    {
      if (strncmp (p, "Infinity", 8) != 0)
        return FALSE;
      p += 8;
      whole = INFINITY;
    }
  const char *end = p;
  while (is_space (*p))
    p++;
  if (*p != '\0')
    return FALSE;
  if (digits > 15)
    {
      char buffer[64];
      gsize length = (gsize) (end - text);
      g_autofree char *heap = length < sizeof buffer ? NULL : g_strndup (text, length);
      if (heap == NULL)
        {
          memcpy (buffer, text, length);
          buffer[length] = '\0';
        }
      *number = g_ascii_strtod (heap != NULL ? heap : buffer, NULL);
    }
  else
    *number = negative ? -whole : whole;
  return TRUE;
}

double
xp_text_to_number (XpEval *eval, const char *text)
{
  double number;
  if (parse_number (text, &number))
    return number;
  if (g_ascii_isdigit (*text) && xp_parse_moment (eval, text, &number))
    return number / XP_DAY_MS;
  return NAN;
}

/* The shortest digits that read back as the same number, written without an exponent. */
char *
xp_number_to_text (double number)
{
  if (isnan (number))
    return g_strdup ("");
  if (isinf (number))
    return g_strdup (number > 0 ? "Infinity" : "-Infinity");
  if (fabs (number) < 1e15 && number == trunc (number))
    return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) number);
  char text[64], *mark = NULL;
  for (int precision = 14; precision <= 16; precision++)
    {
      char format[] = "%.14e";
      format[3] = (char) ('0' + precision - 10);
      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }
  mark = strchr (text, 'e');
  int exponent = (int) g_ascii_strtoll (mark + 1, NULL, 10);
  *mark = '\0';
  GString *digits = g_string_new (NULL);
  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_isdigit (*p))
      g_string_append_c (digits, *p);
  while (digits->len > 1 && digits->str[digits->len - 1] == '0')
    g_string_truncate (digits, digits->len - 1);
  GString *out = g_string_new (number < 0 ? "-" : "");
  if (exponent < 0)
    {
      g_string_append (out, "0.");
      for (int i = -1; i > exponent; i--)
        g_string_append_c (out, '0');
      g_string_append (out, digits->str);
    }
  else
    for (int i = 0; i <= MAX (exponent, (int) digits->len - 1); i++)
      {
        if (i == exponent + 1)
          g_string_append_c (out, '.');
        g_string_append_c (out, i < (int) digits->len ? digits->str[i] : '0');
      }
  g_string_free (digits, TRUE);
  return g_string_free (out, FALSE);
}

char *
xp_node_text (PlazaNode *node, gboolean *owned)
{
  const char *direct = plaza_node_peek_string (node);
  *owned = direct == NULL;
  return direct != NULL ? (char *) direct : plaza_node_dup_string (node);
}

static double
node_to_number (XpEval *eval, PlazaNode *node)
{
  gboolean owned;
  char *text = xp_node_text (node, &owned);
  double number = xp_text_to_number (eval, text);
  if (owned)
    g_free (text);
  return number;
}

double
xp_to_number (XpEval *eval, const XpValue *value)
{
  switch (value->type)
    {
    case PLAZA_XPATH_NUMBER:
      return value->number;
    case PLAZA_XPATH_DATE:
      return value->number / XP_DAY_MS;
    case PLAZA_XPATH_BOOLEAN:
      return value->boolean ? 1 : 0;
    case PLAZA_XPATH_STRING:
      return xp_text_to_number (eval, value->text);
    case PLAZA_XPATH_NODESET:
      return value->n == 0 ? NAN : node_to_number (eval, xp_nodes (value)[0]);
    }
  return NAN;
}

gboolean
xp_to_boolean (const XpValue *value)
{
  switch (value->type)
    {
    case PLAZA_XPATH_NUMBER:
    case PLAZA_XPATH_DATE:
      return value->number != 0 && !isnan (value->number);
    case PLAZA_XPATH_BOOLEAN:
      return value->boolean;
    case PLAZA_XPATH_STRING:
      return *value->text != '\0';
    case PLAZA_XPATH_NODESET:
      return value->n > 0;
    }
  return FALSE;
}

const char *
xp_to_text (XpEval *eval, XpValue *value)
{
  XpValue text = { .type = PLAZA_XPATH_STRING, .text = "" };
  switch (value->type)
    {
    case PLAZA_XPATH_STRING:
      return value->text;
    case PLAZA_XPATH_NUMBER:
      xp_take_text (&text,
                    xp_number_to_text (value->floor_text ? floor (value->number) : value->number));
      break;
    case PLAZA_XPATH_DATE:
      xp_take_text (&text, xp_moment_to_text (eval, value->number));
      break;
    case PLAZA_XPATH_BOOLEAN:
      text.text = value->boolean ? "true" : "false";
      break;
    case PLAZA_XPATH_NODESET:
      if (value->n > 0)
        text.text = xp_node_text (xp_nodes (value)[0], &text.owned);
      break;
    }
  xp_value_clear (value);
  *value = text;
  return value->text;
}

/* ---- comparison ---- */

static gboolean
compare_numbers (XpOp op, double a, double b)
{
  switch (op)
    {
    case XP_EQ:
      return a == b;
    case XP_NE:
      return a != b;
    case XP_LT:
      return a < b;
    case XP_LE:
      return a <= b;
    case XP_GT:
      return a > b;
    default:
      return a >= b;
    }
}

static gboolean
is_numeric (const XpValue *value)
{
  return value->type == PLAZA_XPATH_NUMBER || value->type == PLAZA_XPATH_DATE;
}

/* One side that is not a node-set against one that may be: TRUE when it holds for any node. */
static gboolean
compare_text_any (XpOp op, const char *text, const XpValue *set)
{
  for (guint i = 0; i < set->n; i++)
    {
      gboolean owned;
      char *other = xp_node_text (xp_nodes (set)[i], &owned);
      gboolean equal = strcmp (text, other) == 0;
      if (owned)
        g_free (other);
      if (equal == (op == XP_EQ))
        return TRUE;
    }
  return FALSE;
}

static gboolean
compare_sets (XpEval *eval, XpOp op, const XpValue *a, const XpValue *b, gboolean *result)
{
  *result = FALSE;
  for (guint i = 0; i < a->n && !*result; i++)
    {
      if (!xp_tick (eval, b->n))
        return FALSE;
      PlazaNode *node = xp_nodes (a)[i];
      if (op == XP_EQ || op == XP_NE)
        {
          gboolean owned;
          char *text = xp_node_text (node, &owned);
          *result = compare_text_any (op, text, b);
          if (owned)
            g_free (text);
          continue;
        }
      double number = node_to_number (eval, node);
      for (guint j = 0; j < b->n && !*result; j++)
        *result = compare_numbers (op, number, node_to_number (eval, xp_nodes (b)[j]));
    }
  return TRUE;
}

static XpOp
mirrored (XpOp op)
{
  switch (op)
    {
    case XP_LT:
      return XP_GT;
    case XP_LE:
      return XP_GE;
    case XP_GT:
      return XP_LT;
    case XP_GE:
      return XP_LE;
    default:
      return op;
    }
}

/* XPath 1.0, except that `<` and its like take a boolean against a node-set as numbers, node by
 * node (as ODK Web Forms does), and that dates count as numbers of days. */
gboolean
xp_compare (XpEval *eval, XpOp op, const XpValue *a, const XpValue *b, gboolean *result)
{
  gboolean equality = op == XP_EQ || op == XP_NE;
  if (equality && (a->type == PLAZA_XPATH_BOOLEAN || b->type == PLAZA_XPATH_BOOLEAN))
    {
      *result = (xp_to_boolean (a) == xp_to_boolean (b)) == (op == XP_EQ);
      return TRUE;
    }
  if (a->type == PLAZA_XPATH_NODESET && b->type == PLAZA_XPATH_NODESET)
    return compare_sets (eval, op, a, b, result);
  if (b->type == PLAZA_XPATH_NODESET)
    return xp_compare (eval, mirrored (op), b, a, result);
  if (a->type == PLAZA_XPATH_NODESET)
    {
      if (!xp_tick (eval, a->n))
        return FALSE;
      if (equality && !is_numeric (b))
        {
          *result = compare_text_any (op, b->text, a);
          return TRUE;
        }
      double number = xp_to_number (eval, b);
      *result = FALSE;
      for (guint i = 0; i < a->n && !*result; i++)
        *result = compare_numbers (op, node_to_number (eval, xp_nodes (a)[i]), number);
      return TRUE;
    }
  if (equality && !is_numeric (a) && !is_numeric (b))
    *result = (strcmp (a->text, b->text) == 0) == (op == XP_EQ);
  else
    *result = compare_numbers (op, xp_to_number (eval, a), xp_to_number (eval, b));
  return TRUE;
}
