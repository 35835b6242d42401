/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/application.h"
#include "app/place-picker.h"

static PlazaPlacePicker *
make_picker (const char *parent)
{
  static const char csv[] = "code,name,label,parent\n"
                            "20058,Magdalena Jicotlán,Magdalena Jicotlán,20\n"
                            "20321,San Miguel el Grande,San Miguel el Grande,20\n"
                            "20535,San Juan Ñumí,San Juan Ñumí,20\n"
                            "20208,San Juan Mixtepec,San Juan Mixtepec (dto. 08),20\n"
                            "20209,San Juan Mixtepec,San Juan Mixtepec (dto. 26),20\n"
                            "21015,Amozoc,Amozoc,21\n";
  g_autoptr (GBytes) bytes = g_bytes_new_static (csv, strlen (csv));
  static const PlazaCatalogueColumns columns = { .label = "label", .parent = "parent" };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCatalogue) catalogue =
      plaza_catalogue_new ("municipalities", bytes, &columns, &error);
  PlazaPlacePicker *picker = g_object_ref_sink (g_object_new (PLAZA_TYPE_PLACE_PICKER, NULL));

  g_assert_no_error (error);
  plaza_place_picker_set_catalogue (picker, catalogue, parent);
  return picker;
}

static GObject *
child (PlazaPlacePicker *picker, const char *name)
{
  return gtk_widget_get_template_child (GTK_WIDGET (picker), PLAZA_TYPE_PLACE_PICKER, name);
}

static void
type (PlazaPlacePicker *picker, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (child (picker, "entry")), text);
}

static guint
count_matches (PlazaPlacePicker *picker)
{
  GtkListBox *list = GTK_LIST_BOX (child (picker, "matches"));
  guint n = 0;

  if (!gtk_widget_get_visible (GTK_WIDGET (list)))
    return 0;
  while (gtk_list_box_get_row_at_index (list, n) != NULL)
    n++;
  return n;
}

static void
choose (PlazaPlacePicker *picker, guint n)
{
  GtkListBox *list = GTK_LIST_BOX (child (picker, "matches"));

  g_signal_emit_by_name (list, "row-activated", gtk_list_box_get_row_at_index (list, n));
}

static void
on_changed_cb (PlazaPlacePicker *picker, guint *count)
{
  (*count)++;
}

static void
test_search (void)
{
  g_autoptr (PlazaPlacePicker) picker = make_picker ("20");
  guint changes = 0;

  g_signal_connect (picker, "changed", G_CALLBACK (on_changed_cb), &changes);
  type (picker, "numi");
  g_assert_cmpuint (count_matches (picker), ==, 1);
  g_assert_null (plaza_place_picker_get_code (picker));
  choose (picker, 0);
  g_assert_cmpstr (plaza_place_picker_get_code (picker), ==, "20535");
  g_assert_cmpstr (plaza_place_picker_get_text (picker), ==, "San Juan Ñumí");
  g_assert_cmpuint (count_matches (picker), ==, 0);
  g_assert_cmpuint (changes, ==, 2);

  /* another state's rows are not offered; a typed name stands without a code */
  type (picker, "Amozoc");
  g_assert_cmpuint (count_matches (picker), ==, 0);
  g_assert_null (plaza_place_picker_get_code (picker));
  g_assert_cmpstr (plaza_place_picker_get_text (picker), ==, "Amozoc");
}

static void
test_homonyms (void)
{
  g_autoptr (PlazaPlacePicker) picker = make_picker ("20");

  type (picker, "san juan mixtepec");
  g_assert_cmpuint (count_matches (picker), ==, 2);
  choose (picker, 1);
  g_assert_cmpstr (plaza_place_picker_get_text (picker), ==, "San Juan Mixtepec (dto. 26)");
  g_assert_cmpstr (plaza_place_picker_get_code (picker), ==, "20209");
}

static void
test_set (void)
{
  g_autoptr (PlazaPlacePicker) picker = make_picker (NULL);

  plaza_place_picker_set (picker, "21015", NULL);
  g_assert_cmpstr (plaza_place_picker_get_code (picker), ==, "21015");
  plaza_place_picker_set (picker, "99999", "Rancho Nuevo");
  g_assert_null (plaza_place_picker_get_code (picker));
  g_assert_cmpstr (plaza_place_picker_get_text (picker), ==, "Rancho Nuevo");
  plaza_place_picker_set_message (picker, "Choose");
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (child (picker, "entry")),
                                    GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE);
  plaza_place_picker_set_catalogue (picker, NULL, NULL);
  type (picker, "anything");
  g_assert_cmpuint (count_matches (picker), ==, 0);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  plaza_application_prepare ();
  g_test_add_func ("/place-picker/search", test_search);
  g_test_add_func ("/place-picker/homonyms", test_homonyms);
  g_test_add_func ("/place-picker/set", test_set);
  return g_test_run ();
}
