/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/proof-print.h"

#include <glib/gi18n.h>

#include "base/file.h"
#include "sync/proof-page.h"

static void
on_begin_cb (GtkPrintOperation *operation, GtkPrintContext *context, PlazaProofPages *pages)
{
  gtk_print_operation_set_n_pages (operation, (int) plaza_proof_pages_count (pages));
}

/* The pages are letter; on other paper they shrink or grow to fit. */
static void
on_draw_page_cb (GtkPrintOperation *operation,
                 GtkPrintContext *context,
                 int page,
                 PlazaProofPages *pages)
{
  cairo_t *cairo = gtk_print_context_get_cairo_context (context);
  double width = gtk_print_context_get_width (context);
  double height = gtk_print_context_get_height (context);
  double scale = MIN (width / PLAZA_PROOF_PAGE_WIDTH, height / PLAZA_PROOF_PAGE_HEIGHT);

  cairo_translate (cairo, (width - PLAZA_PROOF_PAGE_WIDTH * scale) / 2, 0);
  cairo_scale (cairo, scale, scale);
  plaza_proof_pages_draw (pages, (guint) page, cairo);
}

static void
on_done_cb (GtkPrintOperation *operation, GtkPrintOperationResult result, PlazaWindow *window)
{
  g_autoptr (GError) error = NULL;

  if (result == GTK_PRINT_OPERATION_RESULT_APPLY)
    plaza_window_toast (window, _ ("The proof is at the printer."));
  else if (result == GTK_PRINT_OPERATION_RESULT_ERROR)
    {
      gtk_print_operation_get_error (operation, &error);
      plaza_window_show_error (window, _ ("The proof was not printed"), error);
    }
}

static void
pages_free (gpointer pages, GClosure *closure)
{
  plaza_proof_pages_free (pages);
}

static GtkPrintSettings *
settings_for (const char *path)
{
  GtkPrintSettings *settings = gtk_print_settings_new ();
  g_autofree char *name = g_path_get_basename (path);
  char *dot = strrchr (name, '.');
  const char *folder = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);

  if (dot != NULL)
    *dot = '\0';
  /* What the dialog proposes when it prints to a file. */
  gtk_print_settings_set (settings, GTK_PRINT_SETTINGS_OUTPUT_DIR,
                          folder != NULL ? folder : g_get_home_dir ());
  gtk_print_settings_set (settings, GTK_PRINT_SETTINGS_OUTPUT_BASENAME, name);
  return settings;
}

static GtkPageSetup *
letter (void)
{
  GtkPageSetup *setup = gtk_page_setup_new ();
  GtkPaperSize *paper = gtk_paper_size_new (GTK_PAPER_NAME_LETTER);

  gtk_page_setup_set_paper_size (setup, paper);
  gtk_paper_size_free (paper);
  return setup;
}

void
plaza_proof_print (PlazaWindow *window, const PlazaProof *proof)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = plaza_file_read (proof->text, PLAZA_PROOF_MAX_BYTES, &error);
  g_autoptr (GtkPrintOperation) operation = NULL;
  g_autoptr (GtkPrintSettings) settings = NULL;
  g_autoptr (GtkPageSetup) setup = NULL;
  PlazaProofPages *pages;

  if (text == NULL)
    {
      plaza_window_show_error (window, _ ("The proof was not printed"), error);
      return;
    }
  pages = plaza_proof_pages_new (text);
  settings = settings_for (proof->pdf);
  setup = letter ();
  operation = gtk_print_operation_new ();
  gtk_print_operation_set_job_name (operation, _ ("Proof of the hand-in"));
  gtk_print_operation_set_print_settings (operation, settings);
  gtk_print_operation_set_default_page_setup (operation, setup);
  gtk_print_operation_set_use_full_page (operation, TRUE);
  gtk_print_operation_set_unit (operation, GTK_UNIT_POINTS);
  gtk_print_operation_set_allow_async (operation, TRUE);
  g_signal_connect (operation, "begin-print", G_CALLBACK (on_begin_cb), pages);
  g_signal_connect_data (operation, "draw-page", G_CALLBACK (on_draw_page_cb), pages, pages_free,
                         0);
  g_signal_connect_object (operation, "done", G_CALLBACK (on_done_cb), window, 0);
  gtk_print_operation_run (operation, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, GTK_WINDOW (window),
                           NULL);
}
