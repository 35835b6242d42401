/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/upload.h"

typedef struct
{
  guint files[PLAZA_UPLOAD_N_FATES];
  guint rejected;
  guint quarantined;
  const char *headline;
  gboolean advice; /* something is to be done */
} Case;

/* "Delivered" is never said of what was not. */
static void
test_headline (void)
{
  static const Case cases[] = {
    { .headline = "There are no envelopes there" },
    { .files = { [PLAZA_UPLOAD_TAKEN_IN] = 3 }, .headline = "The folders are delivered" },
    { .files = { [PLAZA_UPLOAD_THERE] = 1 }, .headline = "The folders are delivered" },
    { .files = { [PLAZA_UPLOAD_TAKEN_IN] = 2,
                 [PLAZA_UPLOAD_THERE] = 1,
                 [PLAZA_UPLOAD_REFUSED] = 1 },
      .headline = "3 envelopes delivered, 1 not taken",
      .advice = TRUE },
    { .files = { [PLAZA_UPLOAD_REFUSED] = 2 },
      .headline = "0 envelopes delivered, 2 not taken",
      .advice = TRUE },
    { .files = { [PLAZA_UPLOAD_TAKEN_IN] = 2, [PLAZA_UPLOAD_WAITING] = 1 },
      .headline = "Not everything is delivered yet",
      .advice = TRUE },
    { .files = { [PLAZA_UPLOAD_TAKEN_IN] = 1 },
      .rejected = 2,
      .headline = "Delivered, but the central rejected 2 entries",
      .advice = TRUE },
    { .files = { [PLAZA_UPLOAD_TAKEN_IN] = 1 },
      .quarantined = 1,
      .headline = "Delivered; 1 entry is kept apart",
      .advice = TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PlazaUpload upload = { .rows = g_ptr_array_new () };
      g_autofree char *headline = NULL;

      for (guint fate = 0; fate < PLAZA_UPLOAD_N_FATES; fate++)
        {
          upload.files[fate] = cases[i].files[fate];
          g_ptr_array_set_size (upload.rows, (int) (upload.rows->len + cases[i].files[fate]));
        }
      upload.entries[PLAZA_RECEIPT_REJECTED] = cases[i].rejected;
      upload.entries[PLAZA_RECEIPT_QUARANTINED] = cases[i].quarantined;
      headline = plaza_upload_headline (&upload);
      g_assert_cmpstr (headline, ==, cases[i].headline);
      g_assert_cmpint (*plaza_upload_advice (&upload) != '\0', ==, cases[i].advice);
      g_ptr_array_unref (upload.rows);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/upload/headline", test_headline);
  return g_test_run ();
}
