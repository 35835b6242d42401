/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-private.h"

#include "base/error.h"
#include <math.h>
#include <string.h>

#define EARTH_RADIUS 6378100.0 /* metres, as JavaRosa has it */

typedef struct
{
  double latitude;
  double longitude;
} Point;

static double
radians (double degrees)
{
  return degrees * G_PI / 180;
}

/* "latitude longitude [altitude [accuracy]]" */
static gboolean
read_point (const char *text, Point *point)
{
  g_auto (GStrv) parts = g_strsplit_set (text, " \t\r\n", -1);
  double numbers[4];
  guint n = 0;
  for (char **part = parts; *part != NULL; part++)
    {
      char *end;
      if (**part == '\0')
        continue;
      if (n == 4)
        return FALSE;
      numbers[n++] = g_ascii_strtod (*part, &end);
      if (*end != '\0')
        return FALSE;
    }
  if (n < 2 || !(fabs (numbers[0]) <= 90) || !(fabs (numbers[1]) <= 180))
    return FALSE;
  point->latitude = numbers[0];
  point->longitude = numbers[1];
  return TRUE;
}

/* Points separated by ';', the last one perhaps followed by one. NULL when one is not a point. */
static GArray *
read_trace (const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  gsize length = strlen (trimmed);
  while (length > 0 && (trimmed[length - 1] == ';' || g_ascii_isspace (trimmed[length - 1])))
    trimmed[--length] = '\0';
  g_auto (GStrv) parts = g_strsplit (trimmed, ";", -1);
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (Point));
  for (char **part = parts; *part != NULL; part++)
    {
      Point point;
      if (!read_point (*part, &point))
        return NULL;
      g_array_append_val (points, point);
    }
  return g_steal_pointer (&points);
}

static gboolean
add_points (XpEval *eval, const char *text, GArray *all)
{
  g_autoptr (GArray) points = read_trace (text);
  if (points == NULL)
    return FALSE;
  g_array_append_vals (all, points->data, points->len);
  return TRUE;
}

/* All arguments as one line: traces as they are, points and the nodes of a set one by one.
 * @trace NULL when one of them is no place. */
static gboolean
eval_trace (XpEval *eval, const XpExpr *call, const XpFocus *focus, GArray **trace)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Point));
  gboolean valid = TRUE;
  *trace = NULL;
  for (guint i = 0; i < call->n_operands; i++)
    {
      XpValue value = XP_VALUE_INIT;
      if (!xp_eval (eval, call->operands[i], focus, &value))
        return FALSE;
      guint n = value.type == PLAZA_XPATH_NODESET ? value.n : 1;
      for (guint j = 0; j < n && valid; j++)
        {
          gboolean owned = FALSE;
          char *text = value.type == PLAZA_XPATH_NODESET
                           ? xp_node_text (xp_nodes (&value)[j], &owned)
                           : (char *) xp_to_text (eval, &value);
          valid = add_points (eval, text, all);
          if (owned)
            g_free (text);
        }
      xp_value_clear (&value);
      if (!xp_tick (eval, all->len))
        return FALSE;
    }
  if (valid && all->len >= 2)
    *trace = g_steal_pointer (&all);
  return TRUE;
}

static double
to_centimetres (double metres)
{
  return fabs (floor (metres * 100 + 0.5) / 100);
}

static gboolean
call_area (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  g_autoptr (GArray) trace = NULL;
  if (!eval_trace (eval, call, focus, &trace))
    return FALSE;
  double total = 0;
  /* A trace of two points encloses nothing. */
  for (guint i = 0; trace != NULL && trace->len > 2 && i < trace->len; i++)
    {
      const Point *a = &g_array_index (trace, Point, i);
      const Point *b = &g_array_index (trace, Point, (i + 1) % trace->len);
      total += radians (b->longitude - a->longitude) *
               (2 + sin (radians (b->latitude)) + sin (radians (a->latitude)));
    }
  xp_set_number (out, to_centimetres (total * EARTH_RADIUS * EARTH_RADIUS / 2));
  return TRUE;
}

static gboolean
call_distance (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  g_autoptr (GArray) trace = NULL;
  if (!eval_trace (eval, call, focus, &trace))
    return FALSE;
  if (trace == NULL)
    return plaza_throw (eval->error, PLAZA_ERROR_INVALID, "distance() was given no line");
  double total = 0;
  for (guint i = 1; i < trace->len; i++)
    {
      const Point *a = &g_array_index (trace, Point, i - 1), *b = a + 1;
      double phi_a = radians (a->latitude), phi_b = radians (b->latitude);
      double cosine = sin (phi_a) * sin (phi_b) +
                      cos (phi_a) * cos (phi_b) * cos (radians (a->longitude - b->longitude));
      total += acos (CLAMP (cosine, -1, 1)) * EARTH_RADIUS;
    }
  xp_set_number (out, to_centimetres (total));
  return TRUE;
}

/* Whether a ray from the point crosses the outline an odd number of times. */
static gboolean
is_inside (const Point *point, GArray *outline)
{
  gboolean inside = FALSE;
  for (guint i = 1; i < outline->len; i++)
    {
      const Point *a = &g_array_index (outline, Point, i - 1), *b = a + 1;
      if ((b->latitude > point->latitude) != (a->latitude > point->latitude) &&
          point->longitude < (a->longitude - b->longitude) * (point->latitude - b->latitude) /
                                     (a->latitude - b->latitude) +
                                 b->longitude)
        inside = !inside;
    }
  return inside;
}

static gboolean
call_geofence (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue point_value = XP_VALUE_INIT, shape_value = XP_VALUE_INIT;
  const char *point_text = xp_eval_text (eval, call->operands[0], focus, &point_value);
  const char *shape_text =
      point_text != NULL ? xp_eval_text (eval, call->operands[1], focus, &shape_value) : NULL;
  gboolean inside = FALSE;
  Point point;
  g_autoptr (GArray) shape = shape_text != NULL ? read_trace (shape_text) : NULL;
  if (shape != NULL && shape->len >= 2 && read_point (point_text, &point))
    {
      const Point *first = &g_array_index (shape, Point, 0);
      const Point *last = &g_array_index (shape, Point, shape->len - 1);
      inside = first->latitude == last->latitude && first->longitude == last->longitude &&
               is_inside (&point, shape);
    }
  xp_value_clear (&point_value);
  xp_value_clear (&shape_value);
  if (shape_text == NULL)
    return FALSE;
  xp_set_boolean (out, inside);
  return TRUE;
}

const XpFunction xp_geo_functions[] = {
  { "area", 1, 1, PLAZA_XPATH_NUMBER, call_area, 0 },
  { "distance", 1, -1, PLAZA_XPATH_NUMBER, call_distance, 0 },
  { "geofence", 2, 2, PLAZA_XPATH_BOOLEAN, call_geofence, 0 },
  { 0 },
};
