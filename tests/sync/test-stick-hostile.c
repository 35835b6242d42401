/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stick-case.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Whoever prepares a stick can do no harm with it, and what damage does is told. */

/* Hostile sticks */

static void
make_socket (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  close (fd);
}

static void
make_sparse (const char *path)
{
  int fd = open (path, O_WRONLY | O_CREAT, 0600);

  g_assert_cmpint (ftruncate (fd, (off_t) 4 << 30), ==, 0);
  close (fd);
}

static void
test_hostile (StickCase *fixture, gconstpointer data)
{
  g_autoptr (FakeCentral) stranger = fake_central_new ();
  g_autofree char *outside = fake_laptop_root ();
  StickPerson eve;
  g_autofree char *good = NULL;
  g_autofree char *foreign = fake_laptop_root ();
  g_autofree char *strange = NULL;
  g_autofree char *folder = stick_case_folder (fixture, "envelopes");
  g_autofree char *id = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) text = g_bytes_new_static ("PLZENV99 y lo que siga, que no es nada", 38);

#define AT(name) g_build_filename (folder, name, NULL)
  fake_laptop_respond (fixture->ana.profile, 2);
  stick_case_save (&fixture->ana, fixture->stick);
  good = stick_case_first (fixture, "envelopes", ".plz");
  bytes = stick_case_content (good);

  g_autofree char *fifo = AT ("tubo.plz");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_autofree char *fifo_receipt = AT ("tubo.rcp");
  g_assert_cmpint (mkfifo (fifo_receipt, 0600), ==, 0);
  g_autofree char *listening = g_build_filename (fixture->stick, "oye.plz", NULL);
  make_socket (listening);
  g_autofree char *aside = g_build_filename (outside, "fuera.plz", NULL);
  stick_case_put (aside, bytes);
  g_autofree char *link_file = AT ("enlace.plz");
  g_assert_cmpint (symlink (aside, link_file), ==, 0);
  g_autofree char *link_folder = g_build_filename (fixture->stick, "carpeta", NULL);
  g_assert_cmpint (symlink (outside, link_folder), ==, 0);
  g_autofree char *loop = g_build_filename (fixture->stick, "vuelta", NULL);
  g_assert_cmpint (symlink (".", loop), ==, 0);
  g_autofree char *as_folder = AT ("x.plz");
  g_assert_cmpint (g_mkdir (as_folder, 0700), ==, 0);
  g_autofree char *newline = AT ("una\nlinea.plz");
  stick_case_put (newline, text);
  g_autofree char *latin = AT ("ni\xf1o.plz");
  stick_case_put (latin, text);
  g_autofree char *sparse = AT ("enorme.plz");
  make_sparse (sparse);
  g_autofree char *empty = AT ("vacio.plz");
  g_file_set_contents (empty, "", 0, NULL);
  g_autofree char *hidden = AT ("._oculto.plz");
  stick_case_put (hidden, text);
  g_autofree char *package = g_build_filename (fixture->stick, "otra.plzcmp", NULL);
  stick_case_put (package, text);
  g_autofree char *registration = g_build_filename (fixture->stick, "nadie.plzreg", NULL);
  stick_case_put (registration, text);

  /* Of a consultation that nobody here knows. */
  stick_case_person_init (&eve, stranger, "Eva");
  fake_laptop_respond (eve.profile, 1);
  stick_case_save (&eve, foreign);
  strange = g_build_filename (fixture->stick, "Plaza", NULL);
  {
    g_autofree char *from =
        g_build_filename (foreign, "Plaza", fake_central_campaign (stranger)->fingerprint, NULL);
    g_autofree char *to = g_build_filename (strange, "ajena", NULL);

    g_assert_cmpint (g_rename (from, to), ==, 0);
  }

  g_autoptr (PlazaStick) stick = stick_case_taken (&fixture->beto, fixture->stick);
  g_assert_false (plaza_stick_get_left_out (stick));
  stick_case_assert_reason (stick, "tubo.plz", PLAZA_STICK_NOT_A_FILE);
  stick_case_assert_reason (stick, "tubo.rcp", PLAZA_STICK_NOT_A_FILE);
  stick_case_assert_reason (stick, "oye.plz", PLAZA_STICK_NOT_A_FILE);
  stick_case_assert_reason (stick, "enlace.plz", PLAZA_STICK_NOT_A_FILE);
  stick_case_assert_reason (stick, "/x.plz", PLAZA_STICK_NOT_A_FILE);
  stick_case_assert_reason (stick, "una?linea.plz", PLAZA_STICK_DAMAGED);
  stick_case_assert_reason (stick, "ni\xef\xbf\xbdo.plz", PLAZA_STICK_DAMAGED);
  stick_case_assert_reason (stick, "enorme.plz", PLAZA_STICK_TOO_LARGE);
  stick_case_assert_reason (stick, "vacio.plz", PLAZA_STICK_DAMAGED);
  stick_case_assert_reason (stick, "otra.plzcmp", PLAZA_STICK_DAMAGED);
  stick_case_assert_reason (stick, "nadie.plzreg", PLAZA_STICK_DAMAGED);
  stick_case_assert_reason (stick, "ajena/envelopes", PLAZA_STICK_FOREIGN);
  stick_case_assert_reason (stick, "ajena/campaign.plzcmp", PLAZA_STICK_FOREIGN);
  /* Nothing that a link leads to, nothing hidden. */
  for (guint i = 0; i < plaza_stick_get_items (stick)->len; i++)
    {
      const PlazaStickItem *item = plaza_stick_get_items (stick)->pdata[i];

      g_assert_null (strstr (item->path, "carpeta"));
      g_assert_null (strstr (item->path, "vuelta"));
      g_assert_null (strstr (item->path, "oculto"));
    }
  /* And what is good is taken, among all that. */
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 1);
  g_assert_cmpuint (stick_case_count_carried (&fixture->beto), ==, 1);
  g_assert_cmpuint (stick_case_deliver (&fixture->beto), ==, 1);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 3);
#undef AT
  stick_case_person_clear (&eve);
  fake_laptop_remove (foreign);
  fake_laptop_remove (outside);
}

static void
assert_refused (const StickPerson *person, const char *folder)
{
  g_autoptr (PlazaStick) stick = stick_case_taken (person, folder);

  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 0);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_REFUSED), ==, 1);
}

/* Of every hundredth byte one bit, and every length that is cut: all refused, for what is called by
 * an id must be it. */
static void
test_flips (StickCase *fixture, gconstpointer data)
{
  g_autofree char *good = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize size;

  fake_laptop_respond (fixture->ana.profile, 2);
  stick_case_save (&fixture->ana, fixture->stick);
  good = stick_case_first (fixture, "envelopes", ".plz");
  bytes = stick_case_content (good);
  size = g_bytes_get_size (bytes);
  for (gsize at = 0; at < size - 64; at += 97)
    {
      stick_case_put_changed (good, bytes, at);
      assert_refused (&fixture->beto, fixture->stick);
    }
  for (gsize length = 0; length < size; length += 61)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (bytes, 0, length);

      stick_case_put (good, cut);
      assert_refused (&fixture->beto, fixture->stick);
    }
  g_assert_cmpuint (stick_case_count_carried (&fixture->beto), ==, 0);

  /* A changed signature: the central refuses it, and the true copy takes its place. */
  stick_case_put_changed (good, bytes, size - 1);
  stick_case_assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  g_test_expect_message ("plaza-sync", G_LOG_LEVEL_WARNING, "*is set aside*");
  g_assert_cmpuint (stick_case_deliver (&fixture->beto), ==, 0);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 0);
  stick_case_assert_read (&fixture->beto, fixture->stick, 0, 1, 0);
  /* Ana knows which is right, and puts it there. */
  stick_case_save (&fixture->ana, fixture->stick);
  stick_case_assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  g_assert_cmpuint (stick_case_deliver (&fixture->beto), ==, 1);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 3);
}

/* Mail, browsers and people rename: what a file holds says what it is, and two names of one
 * envelope are one envelope. */
static void
test_names (StickCase *fixture, gconstpointer data)
{
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
  static const char *const names[] = { "sobre (1).plz", "Copy of sobre.plz", "SOBRE.PLZ",
                                       "noname",        "adjunto.plz.bin",   "Re: sobres\n2.dat",
                                       "ni\xf1o",       "=1+1.plz",          ZEROS "f" ZEROS ".plz",
                                       "-rf",           "sobre.plzcmp",      "acuse.rcp" };
  g_autofree char *plaza = g_build_filename (fixture->stick, PLAZA_STICK_FOLDER, NULL);
  g_autofree char *folder = g_build_filename (fixture->stick, "correo", NULL);
  g_autofree char *photo = g_build_filename (folder, "IMG_0001.JPG", NULL);
  g_autofree char *other = g_build_filename (folder, ZEROS " (copia).plz.txt", NULL);
  g_autofree char *unfinished = g_build_filename (folder, "abc.plz.0a1b2c3d.tmp", NULL);
  g_autofree char *long_unfinished = g_strconcat (folder, "/", ZEROS, ".plz.0a1b2c3d.tmp", NULL);
  g_autofree char *receipt = NULL;
  g_autofree char *good = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) words = g_bytes_new_static ("\xff\xd8\xff\xe0 una foto", 13);

  fake_laptop_respond (fixture->ana.profile, 2);
  stick_case_save (&fixture->ana, fixture->stick);
  good = stick_case_first (fixture, "envelopes", ".plz");
  bytes = stick_case_content (good);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      stick_case_put (path, bytes);
    }
  stick_case_put (other, bytes);
  stick_case_put (photo, words);
  stick_case_put (long_unfinished, bytes);
  stick_case_put (unfinished, words);
  fake_laptop_remove (plaza);

  {
    g_autoptr (PlazaStick) stick = stick_case_taken (&fixture->beto, fixture->stick);
    GPtrArray *items = plaza_stick_get_items (stick);

    /* A photograph is none of ours, and what a laptop had not finished is nobody's. */
    g_assert_cmpuint (items->len, ==, G_N_ELEMENTS (names) + 1);
    stick_case_assert_reason (stick, "(copia).plz.txt", PLAZA_STICK_DAMAGED);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 1);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_HERE), ==,
                      G_N_ELEMENTS (names) - 1);
    for (guint i = 0; i < items->len; i++)
      {
        const PlazaStickItem *item = items->pdata[i];

        g_assert_true (g_utf8_validate (item->path, -1, NULL));
        g_assert_null (strchr (item->path, '\n'));
        if (item->fate != PLAZA_STICK_REFUSED)
          g_assert_cmpstr (item->id, ==, ((const PlazaStickItem *) items->pdata[0])->id);
      }
  }
  g_assert_cmpint (g_unlink (other), ==, 0);
  g_assert_cmpuint (stick_case_count_carried (&fixture->beto), ==, 1);
  g_assert_cmpuint (stick_case_deliver (&fixture->beto), ==, 1);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 3);
  stick_case_assert_read (&fixture->beto, fixture->stick, 0, 0, G_N_ELEMENTS (names));

  /* The receipt under any name, too. */
  stick_case_save (&fixture->beto, fixture->stick);
  receipt = stick_case_first (fixture, "receipts", ".rcp");
  {
    g_autofree char *named = g_build_filename (folder, ZEROS ".plz", NULL);

    g_assert_cmpint (g_rename (receipt, named), ==, 0);
  }
  {
    g_autoptr (PlazaStick) stick = stick_case_taken (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_RECEIPT, PLAZA_STICK_OURS), ==, 1);
  }
  g_assert_cmpuint (stick_case_counts (&fixture->ana).delivered, ==, 2);
}

static void
test_receipts (StickCase *fixture, gconstpointer data)
{
  g_autofree char *good = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint refused = 0;

  fake_laptop_respond (fixture->ana.profile, 1);
  stick_case_save (&fixture->ana, fixture->stick);
  stick_case_assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  stick_case_deliver (&fixture->beto);
  stick_case_save (&fixture->beto, fixture->stick);
  good = stick_case_first (fixture, "receipts", ".rcp");
  bytes = stick_case_content (good);
  for (gsize at = 0; at < g_bytes_get_size (bytes); at++)
    {
      g_autoptr (PlazaStick) stick = NULL;

      stick_case_put_changed (good, bytes, at);
      stick = stick_case_taken (&fixture->ana, fixture->stick);
      refused += plaza_stick_count (stick, PLAZA_STICK_RECEIPT, PLAZA_STICK_REFUSED);
      g_assert_cmpuint (plaza_stick_get_delivered (stick), ==, 0);
    }
  g_assert_cmpuint (refused, ==, g_bytes_get_size (bytes));
  g_assert_cmpuint (stick_case_counts (&fixture->ana).delivered, ==, 0);
  stick_case_put (good, bytes);
  g_object_unref (stick_case_taken (&fixture->ana, fixture->stick));
  g_assert_cmpuint (stick_case_counts (&fixture->ana).delivered, ==, 1);
}

static void
test_many (StickCase *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->stick, "muchos", NULL);
  int dir;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  dir = open (folder, O_RDONLY | O_DIRECTORY);
  for (guint i = 0; i < 25000; i++)
    {
      char name[32];

      g_snprintf (name, sizeof name, "%06u.plz", i);
      close (openat (dir, name, O_WRONLY | O_CREAT, 0600));
    }
  close (dir);
  g_autoptr (PlazaStick) stick = stick_case_taken (&fixture->beto, fixture->stick);
  g_assert_true (plaza_stick_get_left_out (stick));
  g_assert_cmpuint (plaza_stick_get_items (stick)->len, ==, PLAZA_STICK_MAX_FILES);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_REFUSED), ==,
                    PLAZA_STICK_MAX_FILES);
}

int
main (int argc, char **argv)
{
  const StickCaseTest tests[] = {
    { "/sync/stick-hostile/hostile", test_hostile },
    { "/sync/stick-hostile/names", test_names },
    { "/sync/stick-hostile/flips", test_flips },
    { "/sync/stick-hostile/receipts", test_receipts },
    { "/sync/stick-hostile/many", test_many },
    { NULL },
  };

  return stick_case_run (argc, argv, tests);
}
