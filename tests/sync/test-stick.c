/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/stick.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bad-stick.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "fake-central.h"
#include "store/carried.h"
#include "store/joining.h"
#include "sync/delivery.h"
#include "wire/envelope.h"
#include "wire/joinlink.h"

/* What is brought by hand arrives as what is sent: whole, once, and provably; and whoever prepares
 * a stick can do no harm with it. */

typedef struct
{
  char *root;
  PlazaProfile *profile;
} Person;

typedef struct
{
  FakeCentral *central;
  char *stick;
  Person ana;
  Person beto;
  Person carla;
} Fixture;

static void
person_init (Person *self, FakeCentral *central, const char *name)
{
  self->root = fake_laptop_root ();
  self->profile = fake_laptop_profile (central, self->root, name);
}

static void
person_clear (Person *self)
{
  g_autoptr (GError) error = NULL;

  if (plaza_profile_is_unlocked (self->profile))
    plaza_profile_lock (self->profile, &error);
  g_assert_no_error (error);
  g_clear_object (&self->profile);
  fake_laptop_remove (self->root);
  g_free (self->root);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->central = fake_central_new ();
  fixture->stick = fake_laptop_root ();
  person_init (&fixture->ana, fixture->central, "Ana");
  person_init (&fixture->beto, fixture->central, "Beto");
  person_init (&fixture->carla, fixture->central, "Carla");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  bad_stick_set (NULL, BAD_STICK_SOUND, 0);
  person_clear (&fixture->ana);
  person_clear (&fixture->beto);
  person_clear (&fixture->carla);
  fake_laptop_remove (fixture->stick);
  g_free (fixture->stick);
  fake_central_free (fixture->central);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
save_on (PlazaStick *stick, const char *folder, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plaza_stick_save_async (stick, folder, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return plaza_stick_save_finish (stick, result, error);
}

static gboolean
read_from (PlazaStick *stick, const char *folder, GError **error)
{
  const char *folders[] = { folder, NULL };
  g_autoptr (GAsyncResult) result = NULL;

  plaza_stick_read_async (stick, folders, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return plaza_stick_read_finish (stick, result, error);
}

static PlazaStick *
saved (const Person *person, const char *folder)
{
  PlazaStick *stick = plaza_stick_new (person->root, person->profile);
  g_autoptr (GError) error = NULL;

  g_assert_true (save_on (stick, folder, &error));
  g_assert_no_error (error);
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_NO_PROBLEM);
  return stick;
}

static PlazaStick *
taken (const Person *person, const char *folder)
{
  PlazaStick *stick = plaza_stick_new (person->root, person->profile);
  g_autoptr (GError) error = NULL;

  g_assert_true (read_from (stick, folder, &error));
  g_assert_no_error (error);
  return stick;
}

static void
save (const Person *person, const char *folder)
{
  g_object_unref (saved (person, folder));
}

/* How many envelopes had each fate when @person read the stick. */
static void
assert_read (const Person *person, const char *folder, guint fresh, guint here, guint delivered)
{
  g_autoptr (PlazaStick) stick = taken (person, folder);

  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, fresh);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_HERE), ==, here);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_DELIVERED), ==,
                    delivered);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_REFUSED), ==, 0);
}

static guint
deliver (const Person *person)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (person->profile);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  plaza_delivery_round_async (delivery, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (plaza_delivery_round_finish (delivery, result, &error));
  g_assert_no_error (error);
  return plaza_delivery_get_carried (delivery);
}

static PlazaCounts
counts_of (const Person *person)
{
  g_autoptr (GError) error = NULL;
  PlazaCounts counts;

  plaza_store_get_counts (plaza_profile_get_store (person->profile), &counts, &error);
  g_assert_no_error (error);
  return counts;
}

static char *
folder_on (const Fixture *fixture, const char *what)
{
  return g_build_filename (fixture->stick, PLAZA_STICK_FOLDER,
                           fake_central_campaign (fixture->central)->fingerprint, what, NULL);
}

/* The path of the first file of @what on the stick. */
static char *
first_on (const Fixture *fixture, const char *what, const char *suffix)
{
  g_autofree char *folder = folder_on (fixture, what);
  g_auto (GStrv) names = plaza_dir_list (folder, suffix, NULL);

  g_assert_nonnull (names);
  g_assert_nonnull (names[0]);
  return g_build_filename (folder, names[0], NULL);
}

static GBytes *
content (const char *path)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = plaza_file_read (path, 64u << 20, &error);

  g_assert_no_error (error);
  return bytes;
}

static void
put (const char *path, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                       &error);
  g_assert_no_error (error);
}

static void
put_changed (const char *path, GBytes *bytes, gsize at)
{
  gsize size;
  g_autofree guint8 *changed =
      g_memdup2 (g_bytes_get_data (bytes, &size), g_bytes_get_size (bytes));
  g_autoptr (GBytes) other = NULL;

  changed[at] ^= 4;
  other = g_bytes_new (changed, size);
  put (path, other);
}

static guint
count_carried (const Person *person)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = plaza_outbox_list (person->root, NULL, &error);
  guint count = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < items->len; i++)
    if (plaza_outbox_item_is_carried (items->pdata[i]))
      count++;
  return count;
}

/* From hand to hand */

static void
test_travel (Fixture *fixture, gconstpointer data)
{
  g_autofree char *envelope = NULL;
  g_autofree char *package = NULL;
  struct stat info;

  fake_laptop_respond (fixture->ana.profile, 3);
  {
    g_autoptr (PlazaStick) stick = saved (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 1);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_NEW), ==, 1);
  }
  envelope = first_on (fixture, "envelopes", ".plz");
  package = folder_on (fixture, "campaign.plzcmp");
  g_assert_true (g_file_test (package, G_FILE_TEST_IS_REGULAR));
  g_assert_cmpint (stat (envelope, &info), ==, 0);
  g_assert_cmpint (info.st_mtim.tv_sec % (24 * 60 * 60), ==, 0);
  /* Another person's laptop has to read it, whoever owned the files here. */
  g_assert_cmpint (info.st_mode & 0777, ==, 0644);
  {
    g_autofree char *folder = g_path_get_dirname (envelope);

    g_assert_cmpint (stat (folder, &info), ==, 0);
    g_assert_cmpint (info.st_mode & 0777, ==, 0777);
  }

  /* Beto cannot open it and delivers it. */
  assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  g_assert_cmpuint (count_carried (&fixture->beto), ==, 1);
  g_assert_cmpuint (deliver (&fixture->beto), ==, 1);
  g_assert_cmpuint (count_carried (&fixture->beto), ==, 0);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 4);

  /* The receipt goes back the same way, and only it says that Ana's work is delivered. */
  g_assert_cmpuint (counts_of (&fixture->ana).delivered, ==, 0);
  save (&fixture->beto, fixture->stick);
  {
    g_autoptr (PlazaStick) stick = taken (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_RECEIPT, PLAZA_STICK_OURS), ==, 1);
    g_assert_cmpuint (plaza_stick_get_delivered (stick), ==, 4);
  }
  g_assert_cmpuint (counts_of (&fixture->ana).delivered, ==, 3);

  /* Everybody who reads it from now on sees what is there already. */
  assert_read (&fixture->ana, fixture->stick, 0, 0, 1);
  assert_read (&fixture->beto, fixture->stick, 0, 0, 1);
  assert_read (&fixture->carla, fixture->stick, 0, 0, 1);
  g_assert_cmpuint (deliver (&fixture->carla), ==, 0);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), ==, 0);
}

static void
test_two_bearers (Fixture *fixture, gconstpointer data)
{
  fake_laptop_respond (fixture->ana.profile, 5);
  save (&fixture->ana, fixture->stick);
  assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  assert_read (&fixture->beto, fixture->stick, 0, 1, 0);
  assert_read (&fixture->carla, fixture->stick, 1, 0, 0);
  /* One's own that comes back is still one's own. */
  assert_read (&fixture->ana, fixture->stick, 0, 1, 0);
  g_assert_cmpuint (count_carried (&fixture->ana), ==, 0);

  g_assert_cmpuint (deliver (&fixture->beto), ==, 1);
  g_assert_cmpuint (deliver (&fixture->carla), ==, 1);
  deliver (&fixture->ana);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 6);
  g_assert_cmpuint (counts_of (&fixture->ana).delivered, ==, 5);
  assert_read (&fixture->ana, fixture->stick, 0, 0, 1);
  assert_read (&fixture->beto, fixture->stick, 0, 0, 1);
  assert_read (&fixture->carla, fixture->stick, 0, 0, 1);
}

/* Saving again writes nothing; what a bearer carries goes on to a third. */
static void
test_again (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = fake_laptop_root ();

  fake_laptop_respond (fixture->ana.profile, 2);
  save (&fixture->ana, fixture->stick);
  {
    g_autoptr (PlazaStick) stick = saved (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 0);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_HERE), ==, 1);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_HERE), ==, 1);
  }
  assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  fake_laptop_respond (fixture->beto.profile, 1);
  save (&fixture->beto, other);
  assert_read (&fixture->carla, other, 2, 0, 0);
  g_assert_cmpuint (deliver (&fixture->carla), ==, 2);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 5);
  fake_laptop_remove (other);
}

/* A receipt for a profile that is locked waits for it. */
static void
test_locked (Fixture *fixture, gconstpointer data)
{
  PlazaProfile *luz = fake_laptop_profile (fixture->central, fixture->ana.root, "Luz");
  g_autoptr (GError) error = NULL;
  PlazaCounts counts;

  fake_laptop_respond (luz, 2);
  plaza_profile_lock (luz, &error);
  g_assert_no_error (error);
  save (&fixture->ana, fixture->stick);
  assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  deliver (&fixture->beto);
  save (&fixture->beto, fixture->stick);
  {
    g_autoptr (PlazaStick) stick = taken (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_RECEIPT, PLAZA_STICK_OURS), ==, 1);
    g_assert_cmpuint (plaza_stick_get_delivered (stick), ==, 0);
  }
  g_assert_cmpuint (deliver (&fixture->ana), ==, 0);
  plaza_profile_unlock (luz, FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  plaza_store_get_counts (plaza_profile_get_store (luz), &counts, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts.delivered, ==, 2);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), ==, 0);
  plaza_profile_lock (luz, &error);
  g_assert_no_error (error);
  g_object_unref (luz);
}

/* Receipts are given back for ninety days. */
static void
test_expiry (Fixture *fixture, gconstpointer data)
{
  const gint64 day = 24 * 60 * 60 * 1000;
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->ana.profile, 1);
  save (&fixture->ana, fixture->stick);
  assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  deliver (&fixture->beto);
  plaza_carried_expire (fixture->beto.root, plaza_clock_now_ms () + 89 * day, &error);
  g_assert_no_error (error);
  before = plaza_carried_list_receipts (fixture->beto.root, NULL);
  g_assert_cmpuint (before->len, ==, 1);
  plaza_carried_expire (fixture->beto.root, plaza_clock_now_ms () + 91 * day, &error);
  g_assert_no_error (error);
  after = plaza_carried_list_receipts (fixture->beto.root, NULL);
  g_assert_cmpuint (after->len, ==, 0);
}

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

static const PlazaStickItem *
find_refused (PlazaStick *stick, const char *words)
{
  GPtrArray *items = plaza_stick_get_items (stick);

  for (guint i = 0; i < items->len; i++)
    {
      const PlazaStickItem *item = items->pdata[i];

      if (item->fate == PLAZA_STICK_REFUSED && strstr (item->path, words) != NULL)
        return item;
    }
  return NULL;
}

static void
assert_reason (PlazaStick *stick, const char *words, PlazaStickReason reason)
{
  const PlazaStickItem *item = find_refused (stick, words);

  g_assert_nonnull (item);
  g_assert_true (g_utf8_validate (item->path, -1, NULL));
  g_assert_null (strchr (item->path, '\n'));
  g_assert_cmpint (item->fate, ==, PLAZA_STICK_REFUSED);
  g_assert_cmpint (item->reason, ==, reason);
}

static void
test_hostile (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeCentral) stranger = fake_central_new ();
  g_autofree char *outside = fake_laptop_root ();
  Person eve;
  g_autofree char *good = NULL;
  g_autofree char *foreign = fake_laptop_root ();
  g_autofree char *strange = NULL;
  g_autofree char *folder = folder_on (fixture, "envelopes");
  g_autofree char *id = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) text = g_bytes_new_static ("PLZENV99 y lo que siga, que no es nada", 38);

#define AT(name) g_build_filename (folder, name, NULL)
  fake_laptop_respond (fixture->ana.profile, 2);
  save (&fixture->ana, fixture->stick);
  good = first_on (fixture, "envelopes", ".plz");
  bytes = content (good);

  g_autofree char *fifo = AT ("tubo.plz");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_autofree char *fifo_receipt = AT ("tubo.rcp");
  g_assert_cmpint (mkfifo (fifo_receipt, 0600), ==, 0);
  g_autofree char *listening = g_build_filename (fixture->stick, "oye.plz", NULL);
  make_socket (listening);
  g_autofree char *aside = g_build_filename (outside, "fuera.plz", NULL);
  put (aside, bytes);
  g_autofree char *link_file = AT ("enlace.plz");
  g_assert_cmpint (symlink (aside, link_file), ==, 0);
  g_autofree char *link_folder = g_build_filename (fixture->stick, "carpeta", NULL);
  g_assert_cmpint (symlink (outside, link_folder), ==, 0);
  g_autofree char *loop = g_build_filename (fixture->stick, "vuelta", NULL);
  g_assert_cmpint (symlink (".", loop), ==, 0);
  g_autofree char *as_folder = AT ("x.plz");
  g_assert_cmpint (g_mkdir (as_folder, 0700), ==, 0);
  g_autofree char *newline = AT ("una\nlinea.plz");
  put (newline, text);
  g_autofree char *latin = AT ("ni\xf1o.plz");
  put (latin, text);
  g_autofree char *sparse = AT ("enorme.plz");
  make_sparse (sparse);
  g_autofree char *empty = AT ("vacio.plz");
  g_file_set_contents (empty, "", 0, NULL);
  g_autofree char *hidden = AT ("._oculto.plz");
  put (hidden, text);
  g_autofree char *package = g_build_filename (fixture->stick, "otra.plzcmp", NULL);
  put (package, text);
  g_autofree char *registration = g_build_filename (fixture->stick, "nadie.plzreg", NULL);
  put (registration, text);

  /* Of a consultation that nobody here knows. */
  person_init (&eve, stranger, "Eva");
  fake_laptop_respond (eve.profile, 1);
  save (&eve, foreign);
  strange = g_build_filename (fixture->stick, "Plaza", NULL);
  {
    g_autofree char *from =
        g_build_filename (foreign, "Plaza", fake_central_campaign (stranger)->fingerprint, NULL);
    g_autofree char *to = g_build_filename (strange, "ajena", NULL);

    g_assert_cmpint (g_rename (from, to), ==, 0);
  }

  g_autoptr (PlazaStick) stick = taken (&fixture->beto, fixture->stick);
  g_assert_false (plaza_stick_get_left_out (stick));
  assert_reason (stick, "tubo.plz", PLAZA_STICK_NOT_A_FILE);
  assert_reason (stick, "tubo.rcp", PLAZA_STICK_NOT_A_FILE);
  assert_reason (stick, "oye.plz", PLAZA_STICK_NOT_A_FILE);
  assert_reason (stick, "enlace.plz", PLAZA_STICK_NOT_A_FILE);
  assert_reason (stick, "/x.plz", PLAZA_STICK_NOT_A_FILE);
  assert_reason (stick, "una?linea.plz", PLAZA_STICK_DAMAGED);
  assert_reason (stick, "ni\xef\xbf\xbdo.plz", PLAZA_STICK_DAMAGED);
  assert_reason (stick, "enorme.plz", PLAZA_STICK_TOO_LARGE);
  assert_reason (stick, "vacio.plz", PLAZA_STICK_DAMAGED);
  assert_reason (stick, "otra.plzcmp", PLAZA_STICK_DAMAGED);
  assert_reason (stick, "nadie.plzreg", PLAZA_STICK_DAMAGED);
  assert_reason (stick, "ajena/envelopes", PLAZA_STICK_FOREIGN);
  assert_reason (stick, "ajena/campaign.plzcmp", PLAZA_STICK_FOREIGN);
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
  g_assert_cmpuint (count_carried (&fixture->beto), ==, 1);
  g_assert_cmpuint (deliver (&fixture->beto), ==, 1);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 3);
#undef AT
  person_clear (&eve);
  fake_laptop_remove (foreign);
  fake_laptop_remove (outside);
}

/* Reads one file that was damaged: refused at once, or taken as what it says no more that it is,
 * for the central to judge. Returns: 1 when it was taken. */
static guint
read_damaged (const Person *person, const char *folder)
{
  g_autoptr (PlazaStick) stick = taken (person, folder);
  guint fresh = plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW);
  guint refused = plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_REFUSED);

  g_assert_cmpuint (fresh + refused, ==, 1);
  g_assert_cmpuint (plaza_stick_count_renamed (stick), ==, fresh);
  return fresh;
}

/* Of every hundredth byte one bit, and every length that is cut: refused by this laptop or by the
 * central, to the last one. */
static void
test_flips (Fixture *fixture, gconstpointer data)
{
  guint suspects = 0;
  g_autofree char *good = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize size;

  fake_laptop_respond (fixture->ana.profile, 2);
  save (&fixture->ana, fixture->stick);
  good = first_on (fixture, "envelopes", ".plz");
  bytes = content (good);
  size = g_bytes_get_size (bytes);
  for (gsize at = 0; at < size - 64; at += 97)
    {
      put_changed (good, bytes, at);
      suspects += read_damaged (&fixture->beto, fixture->stick);
    }
  for (gsize length = 0; length < size; length += 61)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (bytes, 0, length);

      put (good, cut);
      suspects += read_damaged (&fixture->beto, fixture->stick);
    }
  g_assert_cmpuint (suspects, >, 0);
  g_assert_cmpuint (count_carried (&fixture->beto), ==, suspects);
  for (guint i = 0; i < suspects; i++)
    g_test_expect_message ("plaza-sync", G_LOG_LEVEL_WARNING, "*is set aside*");
  g_assert_cmpuint (deliver (&fixture->beto), ==, 0);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 0);

  /* A changed signature: the central refuses it, and the true copy takes its place. */
  put_changed (good, bytes, size - 1);
  assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  g_test_expect_message ("plaza-sync", G_LOG_LEVEL_WARNING, "*is set aside*");
  g_assert_cmpuint (deliver (&fixture->beto), ==, 0);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 0);
  assert_read (&fixture->beto, fixture->stick, 0, 1, 0);
  /* Ana knows which is right, and puts it there. */
  save (&fixture->ana, fixture->stick);
  assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  g_assert_cmpuint (deliver (&fixture->beto), ==, 1);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 3);
}

/* Mail, browsers and people rename: what a file holds says what it is, and two names of one
 * envelope are one envelope. */
static void
test_names (Fixture *fixture, gconstpointer data)
{
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
  static const char *const names[] = { "sobre (1).plz",
                                       "Copy of sobre.plz",
                                       "SOBRE.PLZ",
                                       "noname",
                                       "adjunto.plz.bin",
                                       "Re: sobres\n2.dat",
                                       "ni\xf1o",
                                       "=1+1.plz",
                                       ZEROS "f" ZEROS ".plz",
                                       "-rf",
                                       "sobre.plzcmp",
                                       "acuse.rcp",
                                       ZEROS " (copia).plz.txt" };
  g_autofree char *plaza = g_build_filename (fixture->stick, PLAZA_STICK_FOLDER, NULL);
  g_autofree char *folder = g_build_filename (fixture->stick, "correo", NULL);
  g_autofree char *photo = g_build_filename (folder, "IMG_0001.JPG", NULL);
  g_autofree char *unfinished = g_build_filename (folder, "abc.plz.0a1b2c3d.tmp", NULL);
  g_autofree char *long_unfinished = g_strconcat (folder, "/", ZEROS, ".plz.0a1b2c3d.tmp", NULL);
  g_autofree char *receipt = NULL;
  g_autofree char *good = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) words = g_bytes_new_static ("\xff\xd8\xff\xe0 una foto", 13);
  guint renamed = 0;

  fake_laptop_respond (fixture->ana.profile, 2);
  save (&fixture->ana, fixture->stick);
  good = first_on (fixture, "envelopes", ".plz");
  bytes = content (good);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      put (path, bytes);
    }
  put (photo, words);
  put (long_unfinished, bytes);
  put (unfinished, words);
  fake_laptop_remove (plaza);

  {
    g_autoptr (PlazaStick) stick = taken (&fixture->beto, fixture->stick);
    GPtrArray *items = plaza_stick_get_items (stick);

    /* A photograph is none of ours, and what a laptop had not finished is nobody's. */
    g_assert_cmpuint (items->len, ==, G_N_ELEMENTS (names));
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 1);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_HERE), ==,
                      G_N_ELEMENTS (names) - 1);
    for (guint i = 0; i < items->len; i++)
      {
        const PlazaStickItem *item = items->pdata[i];

        g_assert_true (g_utf8_validate (item->path, -1, NULL));
        g_assert_null (strchr (item->path, '\n'));
        g_assert_cmpstr (item->id, ==, ((const PlazaStickItem *) items->pdata[0])->id);
        renamed += item->renamed;
      }
    g_assert_cmpuint (renamed, ==, 2);
    g_assert_cmpuint (plaza_stick_count_renamed (stick), ==, 2);
  }
  g_assert_cmpuint (count_carried (&fixture->beto), ==, 1);
  g_assert_cmpuint (deliver (&fixture->beto), ==, 1);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 3);
  assert_read (&fixture->beto, fixture->stick, 0, 0, G_N_ELEMENTS (names));

  /* The receipt under any name, too. */
  save (&fixture->beto, fixture->stick);
  receipt = first_on (fixture, "receipts", ".rcp");
  {
    g_autofree char *other = g_build_filename (folder, ZEROS ".plz", NULL);

    g_assert_cmpint (g_rename (receipt, other), ==, 0);
  }
  {
    g_autoptr (PlazaStick) stick = taken (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_RECEIPT, PLAZA_STICK_OURS), ==, 1);
  }
  g_assert_cmpuint (counts_of (&fixture->ana).delivered, ==, 2);
}

static void
test_receipts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *good = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint refused = 0;

  fake_laptop_respond (fixture->ana.profile, 1);
  save (&fixture->ana, fixture->stick);
  assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  deliver (&fixture->beto);
  save (&fixture->beto, fixture->stick);
  good = first_on (fixture, "receipts", ".rcp");
  bytes = content (good);
  for (gsize at = 0; at < g_bytes_get_size (bytes); at++)
    {
      g_autoptr (PlazaStick) stick = NULL;

      put_changed (good, bytes, at);
      stick = taken (&fixture->ana, fixture->stick);
      refused += plaza_stick_count (stick, PLAZA_STICK_RECEIPT, PLAZA_STICK_REFUSED);
      g_assert_cmpuint (plaza_stick_get_delivered (stick), ==, 0);
    }
  g_assert_cmpuint (refused, ==, g_bytes_get_size (bytes));
  g_assert_cmpuint (counts_of (&fixture->ana).delivered, ==, 0);
  put (good, bytes);
  g_object_unref (taken (&fixture->ana, fixture->stick));
  g_assert_cmpuint (counts_of (&fixture->ana).delivered, ==, 1);
}

static void
test_many (Fixture *fixture, gconstpointer data)
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
  g_autoptr (PlazaStick) stick = taken (&fixture->beto, fixture->stick);
  g_assert_true (plaza_stick_get_left_out (stick));
  g_assert_cmpuint (plaza_stick_get_items (stick)->len, ==, PLAZA_STICK_MAX_FILES);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_REFUSED), ==,
                    PLAZA_STICK_MAX_FILES);
}

/* Failing sticks */

/* Every file that was said to be saved is there, whole; nothing else has its name. */
static void
assert_whole (PlazaStick *stick, const char *folder)
{
  GPtrArray *items = plaza_stick_get_items (stick);

  for (guint i = 0; i < items->len; i++)
    {
      const PlazaStickItem *item = items->pdata[i];
      g_autofree char *path = g_build_filename (folder, item->path, NULL);
      g_autoptr (GBytes) bytes = NULL;
      g_autofree char *id = NULL;
      PlazaEnvelopeInfo info;

      if (item->kind != PLAZA_STICK_ENVELOPE || item->fate == PLAZA_STICK_REFUSED)
        continue;
      bytes = content (path);
      g_assert_true (plaza_envelope_peek (bytes, &info, NULL));
      id = plaza_hash_to_string (&info.id);
      g_assert_cmpstr (id, ==, item->id);
    }
}

static void
fill_outbox (const Person *person, guint envelopes)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < envelopes; i++)
    {
      fake_laptop_respond (person->profile, 1);
      plaza_outbox_pack (plaza_profile_get_store (person->profile), PLAZA_PACK_NONE, NULL, &error);
      g_assert_no_error (error);
    }
}

/* Pulled out after one call more each time, until it is left in long enough. */
static void
pull_while_saving (Fixture *fixture, BadStick how, PlazaStickProblem problem)
{
  guint calls = 0;
  gboolean ended = FALSE;

  fill_outbox (&fixture->ana, 3);
  while (!ended)
    {
      g_autofree char *folder = fake_laptop_root ();
      g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
      g_autoptr (GError) error = NULL;

      bad_stick_set (folder, how, calls++);
      ended = save_on (stick, folder, &error) && !bad_stick_failed ();
      bad_stick_set (NULL, BAD_STICK_SOUND, 0);
      if (!ended)
        {
          g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_DISK);
          g_assert_cmpint (plaza_stick_get_problem (stick), ==, problem);
        }
      assert_whole (stick, folder);
      save (&fixture->ana, folder);
      {
        g_autofree char *envelopes = g_build_filename (
            folder, PLAZA_STICK_FOLDER, fake_central_campaign (fixture->central)->fingerprint,
            "envelopes", NULL);
        g_auto (GStrv) all = plaza_dir_list (envelopes, "", NULL);

        g_assert_cmpuint (g_strv_length (all), ==, 3);
      }
      fake_laptop_remove (folder);
    }
  g_test_message ("%u places to pull it", calls - 1);
  g_assert_cmpuint (calls, >, 20);
}

static void
test_pulled_saving (Fixture *fixture, gconstpointer data)
{
  pull_while_saving (fixture, BAD_STICK_PULLED, PLAZA_STICK_GONE);
}

static void
test_no_device (Fixture *fixture, gconstpointer data)
{
  pull_while_saving (fixture, BAD_STICK_NO_DEVICE, PLAZA_STICK_GONE);
}

static void
test_full_half_way (Fixture *fixture, gconstpointer data)
{
  guint filled = 0;
  gboolean ended = FALSE;

  fill_outbox (&fixture->ana, 3);
  for (guint calls = 0; !ended; calls++)
    {
      g_autofree char *folder = fake_laptop_root ();
      g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
      g_autoptr (GError) error = NULL;

      bad_stick_set (folder, BAD_STICK_FULL, calls);
      ended = save_on (stick, folder, &error);
      g_assert_true (ended != bad_stick_failed ());
      g_assert_cmpint (plaza_stick_get_problem (stick), ==,
                       ended ? PLAZA_STICK_NO_PROBLEM : PLAZA_STICK_FULL);
      bad_stick_set (NULL, BAD_STICK_SOUND, 0);
      filled += !ended;
      assert_whole (stick, folder);
      save (&fixture->ana, folder);
      assert_read (&fixture->beto, folder, filled == 1 ? 3 : 0, filled == 1 ? 0 : 3, 0);
      fake_laptop_remove (folder);
    }
  g_assert_cmpuint (filled, >, 3);
}

static void
test_no_room (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
  g_autofree char *folder = g_build_filename (fixture->stick, PLAZA_STICK_FOLDER, NULL);
  g_autofree char *words = NULL;
  g_autoptr (GError) error = NULL;

  fill_outbox (&fixture->ana, 2);
  bad_stick_set (fixture->stick, BAD_STICK_NO_ROOM, 0);
  g_assert_false (save_on (stick, fixture->stick, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_DISK);
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_FULL);
  g_assert_cmpuint (plaza_stick_get_missing (stick), >, (1 << 20) - 100000);
  words = plaza_stick_problem_words (PLAZA_STICK_FULL, 2500000);
  g_assert_nonnull (strstr (words, "2.5"));
  /* It was asked before anything was written. */
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

static void
test_lies (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
  g_autoptr (GError) error = NULL;

  fill_outbox (&fixture->ana, 1);
  bad_stick_set (fixture->stick, BAD_STICK_LIES, 0);
  g_assert_false (save_on (stick, fixture->stick, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_FAULTY);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 0);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_NEW), ==, 0);
}

static void
pull_while_reading (Fixture *fixture, BadStick how)
{
  guint calls = 0;
  guint kept = 0;
  gboolean ended = FALSE;

  fill_outbox (&fixture->ana, 4);
  save (&fixture->ana, fixture->stick);
  while (!ended)
    {
      g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->beto.root, fixture->beto.profile);
      g_autoptr (GError) error = NULL;

      bad_stick_set (fixture->stick, how, calls++);
      ended = read_from (stick, fixture->stick, &error);
      g_assert_true (ended != bad_stick_failed ());
      bad_stick_set (NULL, BAD_STICK_SOUND, 0);
      /* What was read before stays, once. */
      kept += plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW);
      g_assert_cmpuint (count_carried (&fixture->beto), ==, kept);
      g_assert_cmpint (plaza_stick_get_problem (stick), ==,
                       ended ? PLAZA_STICK_NO_PROBLEM : PLAZA_STICK_GONE);
    }
  g_test_message ("%u places to pull it", calls - 1);
  g_assert_cmpuint (kept, ==, 4);
  g_assert_cmpuint (deliver (&fixture->beto), ==, 4);
}

static void
test_pulled_reading (Fixture *fixture, gconstpointer data)
{
  pull_while_reading (fixture, BAD_STICK_PULLED);
}

static void
test_no_device_reading (Fixture *fixture, gconstpointer data)
{
  pull_while_reading (fixture, BAD_STICK_NO_DEVICE);
}

static guint
count_refused (PlazaStick *stick)
{
  guint n = 0;

  for (int kind = 0; kind < PLAZA_STICK_N_KINDS; kind++)
    n += plaza_stick_count (stick, kind, PLAZA_STICK_REFUSED);
  return n;
}

/* Whichever read fails, one file or folder is told as unreadable and the others are taken; or, when
 * it was the look at how a file begins, the file is taken too. */
static void
test_bad_sector (Fixture *fixture, gconstpointer data)
{
  gboolean ended = FALSE;
  guint refused = 0;
  guint reads;

  fill_outbox (&fixture->ana, 4);
  save (&fixture->ana, fixture->stick);
  for (reads = 0; !ended; reads++)
    {
      g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->beto.root, fixture->beto.profile);
      g_autoptr (GError) error = NULL;

      bad_stick_set (fixture->stick, BAD_STICK_SECTOR, reads);
      g_assert_true (read_from (stick, fixture->stick, &error));
      g_assert_no_error (error);
      ended = !bad_stick_failed ();
      g_assert_cmpuint (count_refused (stick), <=, ended ? 0 : 1);
      if (count_refused (stick) == 0)
        g_assert_cmpuint (plaza_stick_get_items (stick)->len, ==, 5);
      else
        assert_reason (stick, "", PLAZA_STICK_UNREADABLE);
      refused += count_refused (stick);
    }
  g_assert_cmpuint (refused, >=, 5);
  g_test_message ("%u reads", reads - 1);
  g_assert_cmpuint (reads, >, 10);
  g_assert_cmpuint (count_carried (&fixture->beto), ==, 4);
}

/* Two laptops write into the folder of a server at once; each says the truth of its own. */
static void
test_at_once (Fixture *fixture, gconstpointer data)
{
  fill_outbox (&fixture->ana, 20);
  fill_outbox (&fixture->beto, 20);
  for (guint round = 0; round < 10; round++)
    {
      g_autoptr (PlazaStick) first = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
      g_autoptr (PlazaStick) second = plaza_stick_new (fixture->beto.root, fixture->beto.profile);
      g_autofree char *folder = fake_laptop_root ();
      g_autoptr (GAsyncResult) one = NULL;
      g_autoptr (GAsyncResult) other = NULL;
      g_autoptr (GError) error = NULL;

      plaza_stick_save_async (first, folder, NULL, on_done, &one);
      plaza_stick_save_async (second, folder, NULL, on_done, &other);
      while (!one || !other)
        g_main_context_iteration (NULL, TRUE);
      plaza_stick_save_finish (first, one, &error);
      g_assert_no_error (error);
      plaza_stick_save_finish (second, other, &error);
      g_assert_no_error (error);
      assert_whole (first, folder);
      assert_whole (second, folder);
      if (round == 9)
        assert_read (&fixture->carla, folder, 40, 0, 0);
      fake_laptop_remove (folder);
    }
}

/* What is on the stick already */

static void
test_replace (Fixture *fixture, gconstpointer data)
{
  g_autofree char *envelope = NULL;
  g_autofree char *receipts = folder_on (fixture, "receipts");
  g_autofree char *package = folder_on (fixture, "campaign.plzcmp");
  g_autofree char *secret = g_build_filename (fixture->beto.root, "ajeno", NULL);
  g_autoptr (GBytes) words = g_bytes_new_static ("no tocar", 8);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) after = NULL;
  g_autoptr (GBytes) untouched = NULL;

  fill_outbox (&fixture->ana, 1);
  save (&fixture->ana, fixture->stick);
  envelope = first_on (fixture, "envelopes", ".plz");
  bytes = content (envelope);

  /* Broken: written anew. */
  put_changed (envelope, bytes, 200);
  put (package, words);
  save (&fixture->ana, fixture->stick);
  after = content (envelope);
  g_assert_true (g_bytes_equal (after, bytes));

  /* A link: replaced, and what it leads to is left. */
  put (secret, words);
  g_assert_cmpint (unlink (envelope), ==, 0);
  g_assert_cmpint (symlink (secret, envelope), ==, 0);
  save (&fixture->ana, fixture->stick);
  untouched = content (secret);
  g_assert_true (g_bytes_equal (untouched, words));
  assert_read (&fixture->carla, fixture->stick, 1, 0, 0);

  /* A folder: said, and the rest is saved. */
  g_assert_cmpint (unlink (envelope), ==, 0);
  g_assert_cmpint (g_mkdir (envelope, 0700), ==, 0);
  fill_outbox (&fixture->ana, 1);
  {
    g_autoptr (PlazaStick) stick = saved (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_REFUSED), ==, 1);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 1);
  }
  g_assert_false (g_file_test (receipts, G_FILE_TEST_EXISTS));
}

/* A folder of the stick that leads elsewhere is not written into. */
static void
test_folder_link (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
  g_autofree char *elsewhere = fake_laptop_root ();
  g_autofree char *link_path = g_build_filename (fixture->stick, PLAZA_STICK_FOLDER, NULL);
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;

  fill_outbox (&fixture->ana, 1);
  g_assert_cmpint (symlink (elsewhere, link_path), ==, 0);
  g_assert_false (save_on (stick, fixture->stick, &error));
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_NO_FOLDER);
  dir = g_dir_open (elsewhere, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
  fake_laptop_remove (elsewhere);
}

static void
test_no_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
  g_autofree char *missing = g_build_filename (fixture->stick, "no-hay", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  g_assert_false (save_on (stick, missing, &error));
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_NO_FOLDER);
  g_assert_false (read_from (stick, missing, &again));
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_NO_FOLDER);
  g_assert_cmpuint (plaza_stick_get_items (stick)->len, ==, 0);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fill_outbox (&fixture->ana, 1);
  g_cancellable_cancel (cancellable);
  plaza_stick_save_async (stick, fixture->stick, cancellable, on_done, &result);
  g_assert_true (plaza_stick_is_working (stick));
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (plaza_stick_save_finish (stick, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_CANCELLED);
  g_assert_false (plaza_stick_is_working (stick));
}

/* A stick can be saved and read with nobody unlocked. */
static void
test_nobody (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, NULL);
  g_autoptr (PlazaStick) other = plaza_stick_new (fixture->beto.root, NULL);
  g_autofree char *words = NULL;
  g_autoptr (GError) error = NULL;

  fill_outbox (&fixture->ana, 2);
  plaza_profile_lock (fixture->ana.profile, &error);
  g_assert_no_error (error);
  g_assert_true (save_on (stick, fixture->stick, &error));
  g_assert_no_error (error);
  words = plaza_stick_describe (stick);
  g_assert_cmpstr (words, ==, "2 envelopes saved and read back");
  g_assert_true (read_from (other, fixture->stick, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (plaza_stick_get_message (other), ==, "2 envelopes new");
}

/* What else travels */

static gint64
serial_of (const Person *person)
{
  return plaza_profile_get_campaign (person->profile)->serial;
}

/* The newest package wins, on the stick and on laptops. */
static void
test_package (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PlazaCampaignTaken taken_in;

  save (&fixture->carla, fixture->stick);
  fake_central_publish (fixture->central, 5, NULL);
  plaza_campaign_take (fixture->ana.root, NULL, fake_central_published (fixture->central),
                       &taken_in, &error);
  g_assert_no_error (error);
  g_assert_cmpint (taken_in, ==, PLAZA_CAMPAIGN_TAKEN);
  {
    g_autoptr (PlazaStick) stick = saved (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_NEW), ==, 1);
  }
  {
    g_autoptr (PlazaStick) stick = taken (&fixture->beto, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_NEW), ==, 1);
    g_assert_cmpint (serial_of (&fixture->beto), ==, 5);
  }
  /* Carla has the older one still, and leaves the newer on the stick. */
  {
    g_autoptr (PlazaStick) stick = saved (&fixture->carla, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_HERE), ==, 1);
    g_assert_cmpint (serial_of (&fixture->carla), <, 5);
  }
  {
    g_autoptr (PlazaStick) stick = taken (&fixture->beto, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_HERE), ==, 1);
    g_assert_cmpint (serial_of (&fixture->beto), ==, 5);
  }
}

static PlazaStickFate
fate_of_kind (const Person *person, const char *folder, PlazaStickKind kind)
{
  g_autoptr (PlazaStick) stick = taken (person, folder);
  GPtrArray *items = plaza_stick_get_items (stick);

  for (guint i = 0; i < items->len; i++)
    {
      const PlazaStickItem *item = items->pdata[i];

      if (item->kind == kind)
        return item->fate;
    }
  g_assert_not_reached ();
}

/* Rufina joined in the sierra: her registration and her work travel together. */
static void
test_registration (Fixture *fixture, gconstpointer data)
{
  const PlazaInvitation invitation = { .person = (char *) "Rufina",
                                       .organisation = (char *) "",
                                       .role = (char *) "facilitator",
                                       .batch = (char *) "R7",
                                       .expires_ms = G_MAXINT64 / 2 };
  g_autofree char *code = plaza_join_code_new ();
  g_autoptr (GError) error = NULL;
  Person rufina = { .root = fake_laptop_root () };

  rufina.profile = plaza_profile_create (rufina.root, fake_central_campaign (fixture->central),
                                         "Rufina", FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  plaza_profile_accept_invitation (rufina.profile, &invitation, code, &error);
  g_assert_no_error (error);
  fake_laptop_respond (rufina.profile, 1);
  {
    g_autoptr (PlazaStick) stick = saved (&rufina, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_REGISTRATION, PLAZA_STICK_NEW), ==, 1);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 1);
  }
  g_assert_cmpint (fate_of_kind (&rufina, fixture->stick, PLAZA_STICK_REGISTRATION), ==,
                   PLAZA_STICK_HERE);
  g_assert_cmpint (fate_of_kind (&fixture->beto, fixture->stick, PLAZA_STICK_REGISTRATION), ==,
                   PLAZA_STICK_NEW);
  g_assert_cmpint (fate_of_kind (&fixture->beto, fixture->stick, PLAZA_STICK_REGISTRATION), ==,
                   PLAZA_STICK_HERE);
  g_autoptr (GPtrArray) waiting = plaza_carried_list_registrations (fixture->beto.root, NULL);
  g_assert_cmpuint (waiting->len, ==, 1);
  plaza_carried_end_registration (waiting->pdata[0], NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) ended = plaza_carried_list_registrations (fixture->beto.root, NULL);
  g_assert_cmpuint (ended->len, ==, 0);
  g_assert_cmpint (fate_of_kind (&fixture->beto, fixture->stick, PLAZA_STICK_REGISTRATION), ==,
                   PLAZA_STICK_DELIVERED);
  person_clear (&rufina);
}

/* The list of invitations goes on to others, the longest that there is. */
static void
test_invitations (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = folder_on (fixture, "");
  g_autofree char *path = folder_on (fixture, "invitations.plzinv");
  g_autofree char *other = fake_laptop_root ();
  g_autofree char *code = NULL;

  save (&fixture->ana, fixture->stick);
  code = fake_central_kit (fixture->central, folder, G_MAXINT64 / 2, NULL);
  g_assert_cmpint (fate_of_kind (&fixture->beto, fixture->stick, PLAZA_STICK_INVITATIONS), ==,
                   PLAZA_STICK_NEW);
  g_assert_cmpint (fate_of_kind (&fixture->beto, fixture->stick, PLAZA_STICK_INVITATIONS), ==,
                   PLAZA_STICK_HERE);
  save (&fixture->beto, other);
  g_assert_cmpint (fate_of_kind (&fixture->carla, other, PLAZA_STICK_INVITATIONS), ==,
                   PLAZA_STICK_NEW);

  g_autoptr (GBytes) list = content (path);
  put_changed (path, list, g_bytes_get_size (list) / 2);
  g_assert_cmpint (fate_of_kind (&fixture->ana, fixture->stick, PLAZA_STICK_INVITATIONS), ==,
                   PLAZA_STICK_REFUSED);
  fake_laptop_remove (other);
}

int
main (int argc, char **argv)
{
  const struct
  {
    const char *path;
    void (*run) (Fixture *, gconstpointer);
  } tests[] = {
    { "/sync/stick/travel", test_travel },
    { "/sync/stick/two-bearers", test_two_bearers },
    { "/sync/stick/again", test_again },
    { "/sync/stick/locked", test_locked },
    { "/sync/stick/expiry", test_expiry },
    { "/sync/stick/hostile", test_hostile },
    { "/sync/stick/names", test_names },
    { "/sync/stick/flips", test_flips },
    { "/sync/stick/receipts", test_receipts },
    { "/sync/stick/many", test_many },
    { "/sync/stick/pulled-saving", test_pulled_saving },
    { "/sync/stick/no-device", test_no_device },
    { "/sync/stick/full-half-way", test_full_half_way },
    { "/sync/stick/no-room", test_no_room },
    { "/sync/stick/lies", test_lies },
    { "/sync/stick/pulled-reading", test_pulled_reading },
    { "/sync/stick/no-device-reading", test_no_device_reading },
    { "/sync/stick/bad-sector", test_bad_sector },
    { "/sync/stick/at-once", test_at_once },
    { "/sync/stick/replace", test_replace },
    { "/sync/stick/folder-link", test_folder_link },
    { "/sync/stick/no-folder", test_no_folder },
    { "/sync/stick/cancel", test_cancel },
    { "/sync/stick/nobody", test_nobody },
    { "/sync/stick/package", test_package },
    { "/sync/stick/registration", test_registration },
    { "/sync/stick/invitations", test_invitations },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
