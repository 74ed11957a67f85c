/*
 * capture_file: opening, the frames' link headers, and the words for what goes wrong.
 */
#include "capture_file_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture_gzip.h"

/* --- for the readers ----------------------------------------------------------------------------
 */

struct capture_interface *capture_file_add_interface(struct ss_capture_file *file,
                                                     uint32_t linktype)
{
    if (file->interface_count == CAPTURE_INTERFACES_MAX)
        return NULL;
    if (file->interface_count == file->interface_room) {
        uint32_t room = file->interface_room ? 2 * file->interface_room : 4;
        void *more = realloc(file->interfaces, room * sizeof(*file->interfaces));
        if (!more)
            return NULL;
        file->interfaces = more;
        file->interface_room = room;
    }
    struct capture_interface *added = &file->interfaces[file->interface_count++];
    *added = (struct capture_interface){
        .linktype = linktype,
        .known = ss_linktype_is_known(linktype),
        .tick_ns = 1000,
        .resolution = 6,
    };
    return added;
}

bool capture_file_break(struct ss_capture_file *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(file->trouble, sizeof(file->trouble), format, arguments);
    va_end(arguments);
    file->status = SS_UNREADABLE;
    return false;
}

bool capture_file_ran_out(struct ss_capture_file *file, const char *what, uint64_t offset)
{
    const struct capture_source *source = &file->source;
    if (source->trouble)
        return capture_file_break(file, "%s", source->trouble);
    if (source->error) {
        capture_file_break(file, "%s", strerror(source->error));
        file->status = source->error == EINTR ? SS_INTERRUPTED : SS_UNREADABLE;
        return false;
    }
    if (capture_source_offset(source) == offset && capture_source_here(source) == 0)
        return false; /* the end, where an end may be */
    return capture_file_break(file, "the file ends within the %s at octet %" PRIu64, what, offset);
}

/* What lies before IP is passed; what carries none has no octets. */
static void pass_link(struct ss_capture_file *file, const struct capture_interface *interface,
                      struct ss_capture_frame *frame)
{
    struct ss_cursor cursor = ss_cursor_over(frame->whole, frame->whole_length);
    bool passed = ss_linktype_pass(interface->linktype, &cursor, &frame->link) && !cursor.short_;
    frame->octets = cursor.at;
    frame->length = passed ? ss_cursor_left(&cursor) : 0;
    if (interface->known)
        return;
    if (file->unread_frames++ == 0)
        file->unread_linktype = interface->linktype;
}

bool capture_file_deliver(struct ss_capture_file *file, const struct capture_interface *interface,
                          struct ss_capture_frame *frame, const uint8_t *octets, size_t kept)
{
    frame->number = ++file->frames;
    frame->time_us = frame->time_ns / 1000;
    frame->linktype = interface->linktype;
    frame->whole = octets;
    frame->whole_length = kept;
    frame->card_sums = false;
    frame->link = SS_LINK_ETHERNET;
    frame->octets = octets;
    frame->length = kept;
    if (interface->linktype != SS_LINKTYPE_ETHERNET)
        pass_link(file, interface, frame);
    return true;
}

/* --- opening ------------------------------------------------------------------------------------
 */

/* Frames of another link type among others are told at the end. */
static enum ss_status refuse_links(const struct ss_capture_file *file, struct ss_problem *problem)
{
    for (uint32_t i = 0; i < file->interface_count; i++)
        if (file->interfaces[i].known)
            return SS_OK;
    if (file->interface_count == 0)
        return SS_OK;
    return ss_problem_set(problem, SS_UNREADABLE,
                          "%s was captured on link type %s (%" PRIu32 "), which is not read here; "
                          "Ethernet, Linux cooked, raw IP, BSD loopback and PPP are",
                          file->name, ss_linktype_name(file->interfaces[0].linktype),
                          file->interfaces[0].linktype);
}

struct packer {
    uint8_t magic[4];
    const char *name;
};

/* Packed files are common enough to be told. gzip's are unpacked. */
static const char *packer_of(const uint8_t *octets)
{
    static const struct packer packers[] = {
        {{0x28, 0xb5, 0x2f, 0xfd}, "zstd"}, {{0xfd, '7', 'z', 'X'}, "xz"},
        {{'B', 'Z', 'h', '9'}, "bzip2"},    {{0x04, 0x22, 0x4d, 0x18}, "lz4"},
        {{'P', 'K', 3, 4}, "zip"},
    };
    for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++)
        if (memcmp(octets, packers[i].magic, sizeof(packers[i].magic)) == 0)
            return packers[i].name;
    return NULL;
}

static enum ss_status refuse(const struct ss_capture_file *file, struct ss_problem *problem)
{
    const struct capture_source *source = &file->source;
    const uint8_t *at = source->at;
    size_t here = capture_source_here(source);
    const char *packer = here >= 4 ? packer_of(at) : NULL;
    const char *why = "it is too short";
    char begins[40];
    if (source->trouble || source->error) {
        why = source->trouble ? source->trouble : strerror(source->error);
    } else if (file->status != SS_OK) {
        why = file->trouble;
    } else if (here >= 4) {
        snprintf(begins, sizeof(begins), "it begins with %02x %02x %02x %02x", at[0], at[1], at[2],
                 at[3]);
        why = begins;
    }
    if (packer)
        return ss_problem_set(problem, SS_UNREADABLE,
                              "%s is no capture file, but packed by %s: unpack it first",
                              file->name, packer);
    return ss_problem_set(problem, SS_UNREADABLE, "%s is no capture file: %s", file->name, why);
}

static enum ss_status begin(struct ss_capture_file *file, int descriptor, const uint8_t *octets,
                            size_t length, struct ss_problem *problem)
{
    if (!capture_source_open(&file->source, descriptor, octets, length))
        return ss_problem_set(problem, SS_IO, "out of memory for the capture file");
    if (!capture_pcap_begin(file) && (file->status != SS_OK || !capture_pcapng_begin(file)))
        return refuse(file, problem);
    return refuse_links(file, problem);
}

static struct ss_capture_file *new_file(const char *name)
{
    struct ss_capture_file *file = calloc(1, sizeof(*file));
    if (!file)
        return NULL;
    snprintf(file->name, sizeof(file->name), "%s", name);
    file->to_close = -1;
    file->source.file = -1;
    return file;
}

static enum ss_status hand_over(enum ss_status status, struct ss_capture_file *made,
                                struct ss_capture_file **file)
{
    if (status == SS_OK)
        *file = made;
    else
        ss_capture_file_close(made);
    return status;
}

enum ss_status ss_capture_file_open(const char *path, struct ss_capture_file **file,
                                    struct ss_problem *problem)
{
    bool input = strcmp(path, "-") == 0;
    struct ss_capture_file *made = new_file(input ? "standard input" : path);
    if (!made)
        return ss_problem_set(problem, SS_IO, "out of memory for the capture file");
    int descriptor = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    made->to_close = input ? -1 : descriptor;
    if (descriptor < 0)
        return hand_over(
            ss_problem_set(problem, SS_UNREADABLE, "cannot read %s: %s", path, strerror(errno)),
            made, file);
    return hand_over(begin(made, descriptor, NULL, 0, problem), made, file);
}

enum ss_status ss_capture_file_over(const char *name, const uint8_t *octets, size_t length,
                                    struct ss_capture_file **file, struct ss_problem *problem)
{
    struct ss_capture_file *made = new_file(name);
    if (!made)
        return ss_problem_set(problem, SS_IO, "out of memory for the capture file");
    return hand_over(begin(made, -1, octets, length, problem), made, file);
}

/* --- reading ------------------------------------------------------------------------------------
 */

bool ss_capture_file_next(struct ss_capture_file *file, struct ss_capture_frame *frame)
{
    return file->status == SS_OK && file->next(file, frame);
}

uint64_t ss_capture_file_position(const struct ss_capture_file *file)
{
    const struct capture_source *source = &file->source;
    return source->gzip ? capture_gzip_position(source->gzip) : capture_source_offset(source);
}

enum ss_status ss_capture_file_ended(const struct ss_capture_file *file, struct ss_problem *problem)
{
    char before[48] = "nothing came before it";
    if (file->status == SS_OK && file->unread_frames == 0)
        return SS_OK;
    if (file->status == SS_OK)
        return ss_problem_set(problem, SS_UNREADABLE,
                              "%s has %" PRIu64 " frames of link type %s (%" PRIu32
                              ") or others that are not read here",
                              file->name, file->unread_frames,
                              ss_linktype_name(file->unread_linktype), file->unread_linktype);
    if (file->frames > 0)
        snprintf(before, sizeof(before), "the %" PRIu64 " before it were read", file->frames);
    return ss_problem_set(problem, file->status, "%s breaks off at frame %" PRIu64 ": %s; %s",
                          file->name, file->frames + 1, file->trouble, before);
}

void ss_capture_file_close(struct ss_capture_file *file)
{
    if (!file)
        return;
    capture_source_close(&file->source);
    if (file->to_close >= 0)
        close(file->to_close);
    free(file->interfaces);
    free(file);
}
