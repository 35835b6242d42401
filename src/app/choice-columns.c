/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/choice-columns.h"

/* From this many options on, they stand in two columns where the width allows. */
#define TWO_COLUMNS_FROM 8
#define COLUMN_SPACING 18
#define ROW_SPACING 2

struct _PlazaChoiceColumns
{
  GtkLayoutManager parent_instance;

  guint length; /* rows in a column, as last laid out; 0 when there is one column */
};

G_DEFINE_FINAL_TYPE (PlazaChoiceColumns, plaza_choice_columns, GTK_TYPE_LAYOUT_MANAGER)

static guint
count_rows (GtkWidget *widget)
{
  guint n = 0;

  for (GtkWidget *row = gtk_widget_get_first_child (widget); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    n++;
  return n;
}

static void
measure_width (GtkWidget *widget, int *minimum, int *natural)
{
  *minimum = *natural = 0;
  for (GtkWidget *row = gtk_widget_get_first_child (widget); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      int row_minimum, row_natural;

      gtk_widget_measure (row, GTK_ORIENTATION_HORIZONTAL, -1, &row_minimum, &row_natural, NULL,
                          NULL);
      *minimum = MAX (*minimum, row_minimum);
      *natural = MAX (*natural, row_natural);
    }
}

static int
measure_height (GtkWidget *row, int width)
{
  int natural;

  gtk_widget_measure (row, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);
  return natural;
}

/* How @n_rows stand in @width (-1 for as wide as they like). */
typedef struct
{
  guint n_columns;
  guint length; /* rows in a column, the last may have less */
  int width;    /* of a column, or -1 */
} Columns;

static Columns
arrange (GtkWidget *widget, guint n_rows, int width)
{
  Columns columns = { 1, n_rows, width };
  int minimum, natural;

  if (n_rows < TWO_COLUMNS_FROM || width < 0)
    return columns;
  measure_width (widget, &minimum, &natural);
  if (2 * natural + COLUMN_SPACING > width)
    return columns;
  columns.n_columns = 2;
  columns.length = (n_rows + 1) / 2;
  columns.width = (width - COLUMN_SPACING) / 2;
  return columns;
}

/* Heights of the lines: what stands beside each other is as high as the highest of it. */
static int *
measure_lines (GtkWidget *widget, const Columns *columns)
{
  int *heights = g_new0 (int, columns->length + 1);
  guint i = 0;

  for (GtkWidget *row = gtk_widget_get_first_child (widget); row != NULL;
       row = gtk_widget_get_next_sibling (row), i++)
    {
      int *height = &heights[i % columns->length];

      *height = MAX (*height, measure_height (row, columns->width));
    }
  return heights;
}

static GtkSizeRequestMode
plaza_choice_columns_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
plaza_choice_columns_measure (GtkLayoutManager *manager,
                              GtkWidget *widget,
                              GtkOrientation orientation,
                              int for_size,
                              int *minimum,
                              int *natural,
                              int *minimum_baseline,
                              int *natural_baseline)
{
  guint n_rows = count_rows (widget);
  g_autofree int *heights = NULL;
  Columns columns;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      measure_width (widget, minimum, natural);
      return;
    }
  *minimum = *natural = 0;
  if (n_rows == 0)
    return;
  columns = arrange (widget, n_rows, for_size);
  heights = measure_lines (widget, &columns);
  for (guint line = 0; line < columns.length; line++)
    *natural += heights[line] + (line > 0 ? ROW_SPACING : 0);
  *minimum = *natural;
}

static void
plaza_choice_columns_allocate (
    GtkLayoutManager *manager, GtkWidget *widget, int width, int height, int baseline)
{
  PlazaChoiceColumns *self = PLAZA_CHOICE_COLUMNS (manager);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  guint n_rows = count_rows (widget);
  g_autofree int *heights = NULL;
  Columns columns;
  guint i = 0;
  int y = 0;

  self->length = 0;
  if (n_rows == 0)
    return;
  columns = arrange (widget, n_rows, width);
  heights = measure_lines (widget, &columns);
  self->length = columns.n_columns > 1 ? columns.length : 0;
  for (GtkWidget *row = gtk_widget_get_first_child (widget); row != NULL;
       row = gtk_widget_get_next_sibling (row), i++)
    {
      guint line = i % columns.length;
      int x = (int) (i / columns.length) * (columns.width + COLUMN_SPACING);
      GtkAllocation place = { 0, 0, columns.width, heights[line] };

      y = line == 0 ? 0 : y;
      place.x = rtl ? width - x - columns.width : x;
      place.y = y;
      gtk_widget_size_allocate (row, &place, -1);
      y += heights[line] + ROW_SPACING;
    }
}

guint
plaza_choice_columns_get_length (PlazaChoiceColumns *self)
{
  g_return_val_if_fail (PLAZA_IS_CHOICE_COLUMNS (self), 0);

  return self->length;
}

static void
plaza_choice_columns_class_init (PlazaChoiceColumnsClass *class)
{
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (class);

  layout_class->get_request_mode = plaza_choice_columns_get_request_mode;
  layout_class->measure = plaza_choice_columns_measure;
  layout_class->allocate = plaza_choice_columns_allocate;
}

static void
plaza_choice_columns_init (PlazaChoiceColumns *self)
{
}
