/* capture_copy: blocks taken over as they are, but for the comments that are put into them. */
#include "synstep/capture_copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output_file.h"
#include "pcapng_block.h"

enum {
    COMMENTS_BYTES_MAX = 16 * 1024,
    /* A block that the reader takes; comments, each with up to 7 octets around it; heads. */
    BLOCK_BYTES_MAX = 512 * 1024 + 5 * COMMENTS_BYTES_MAX + 64,
    NANOSECONDS = 9, /* negative power of ten */
};

struct ss_capture_copy {
    struct ss_output_file file;
    bool has_section; /* of this file */
    bool has_any;     /* of any */
    uint32_t linktype;
    uint32_t interfaces; /* of a section of our own */
    size_t comments_length;
    char comments[COMMENTS_BYTES_MAX]; /* each with its terminator */
    uint8_t octets[BLOCK_BYTES_MAX];
};

static void write_block(struct ss_capture_copy *copy, const struct pcapng_block *block)
{
    if (copy->file.error)
        return;
    errno = 0;
    ss_output_file_remember(&copy->file, pcapng_write(block, copy->file.out));
}

/* An empty one, to be filled. */
static struct pcapng_block block_of(struct ss_capture_copy *copy, bool little_endian)
{
    return (struct pcapng_block){.octets = copy->octets, .little_endian = little_endian};
}

/* --- what is no frame ---------------------------------------------------------------------------
 */

static enum pcapng_type type_of(const struct ss_capture_block *block)
{
    const uint8_t *at = block->octets;
    if (block->little_endian)
        return (enum pcapng_type)((uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
                                  (uint32_t)at[1] << 8 | at[0]);
    return (enum pcapng_type)((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
                              at[3]);
}

/* Section 4.1: its length would be wrong as soon as a comment is put in. */
static void forget_length(struct pcapng_block *section)
{
    enum { LENGTH_AT = 16, LENGTH_BYTES = 8 };
    memset(section->octets + LENGTH_AT, 0xff, LENGTH_BYTES);
}

static void hear(void *context, const struct ss_capture_block *heard)
{
    struct ss_capture_copy *copy = context;
    struct pcapng_block block = block_of(copy, heard->little_endian);
    enum pcapng_type type = type_of(heard);
    if (type == PCAPNG_CUSTOM_NOT_COPIED || heard->length > BLOCK_BYTES_MAX)
        return;
    pcapng_put(&block, heard->octets, heard->length);
    if (type == PCAPNG_SECTION) {
        forget_length(&block);
        copy->has_section = copy->has_any = true;
    }
    write_block(copy, &block);
}

static void write_section(struct ss_capture_copy *copy)
{
    struct pcapng_block block = block_of(copy, false);
    pcapng_section(&block);
    write_block(copy, &block);
    copy->has_section = copy->has_any = true;
    copy->interfaces = 0;
}

/* --- comments -----------------------------------------------------------------------------------
 */

void ss_capture_copy_comment(struct ss_capture_copy *copy, const char *text)
{
    size_t size = strlen(text) + 1;
    if (size > sizeof(copy->comments) - copy->comments_length)
        return;
    memcpy(copy->comments + copy->comments_length, text, size);
    copy->comments_length += size;
}

/* They are then behind. */
static void put_comments(struct ss_capture_copy *copy, struct pcapng_block *block)
{
    for (size_t at = 0; at < copy->comments_length; at += strlen(copy->comments + at) + 1)
        pcapng_put_option(block, PCAPNG_OPTION_COMMENT, copy->comments + at,
                          strlen(copy->comments + at));
    copy->comments_length = 0;
}

static uint16_t get16(const struct ss_capture_block *block, size_t at)
{
    const uint8_t *octets = block->octets + at;
    return (uint16_t)(block->little_endian ? octets[1] << 8 | octets[0]
                                           : octets[0] << 8 | octets[1]);
}

/* Where the options end that begin at `at`, before what marks that; `at` where they are broken. */
static size_t end_of_options(const struct ss_capture_block *block, size_t at)
{
    size_t begin = at, end = block->length - 4;
    while (end - at >= 4 && get16(block, at) != PCAPNG_OPTION_END) {
        size_t whole = 4 + ((get16(block, at + 2) + 3U) & ~3U);
        if (whole > end - at)
            return begin;
        at += whole;
    }
    return at;
}

/* --- frames -------------------------------------------------------------------------------------
 */

/* After the comments that are there; options that did not end with a mark get one. */
static void comment_block(struct ss_capture_copy *copy, const struct ss_capture_block *old,
                          size_t kept)
{
    struct pcapng_block block = block_of(copy, old->little_endian);
    size_t options = PCAPNG_PACKET_BYTES + ((kept + 3) & ~(size_t)3);
    size_t end = old->length - 4, cut = options < end ? end_of_options(old, options) : end;
    pcapng_put(&block, old->octets, cut);
    put_comments(copy, &block);
    if (cut < end)
        pcapng_put(&block, old->octets + cut, end - cut);
    else
        pcapng_end_options(&block);
    pcapng_finish(&block);
    write_block(copy, &block);
}

/* As a block of our own, of the section's interface of that number; `ticks` of its clock. */
static void write_frame(struct ss_capture_copy *copy, struct pcapng_block block, uint32_t interface,
                        uint64_t ticks, const struct ss_capture_frame *frame)
{
    pcapng_begin(&block, PCAPNG_ENHANCED_PACKET);
    pcapng_put32(&block, interface);
    pcapng_put32(&block, (uint32_t)(ticks >> 32));
    pcapng_put32(&block, (uint32_t)ticks);
    pcapng_put32(&block, (uint32_t)frame->whole_length);
    pcapng_put32(&block, (uint32_t)(frame->whole_length + frame->missing_bytes));
    pcapng_put_padded(&block, frame->whole, frame->whole_length);
    if (copy->comments_length > 0) {
        put_comments(copy, &block);
        pcapng_end_options(&block);
    }
    pcapng_finish(&block);
    write_block(copy, &block);
}

static void copy_block(struct ss_capture_copy *copy, const struct ss_capture_block *old,
                       const struct ss_capture_frame *frame)
{
    struct pcapng_block block = block_of(copy, old->little_endian);
    if (copy->comments_length == 0) {
        block.octets = (uint8_t *)(uintptr_t)old->octets; /* is only read */
        block.length = old->length;
        write_block(copy, &block);
    } else if (type_of(old) == PCAPNG_SIMPLE_PACKET) {
        write_frame(copy, block, 0, 0, frame);
    } else {
        comment_block(copy, old, frame->whole_length);
    }
}

/* A frame that came in no block. */
static void add_frame(struct ss_capture_copy *copy, const struct ss_capture_frame *frame)
{
    struct pcapng_block block = block_of(copy, false);
    if (!copy->has_section)
        write_section(copy);
    if (copy->interfaces == 0 || copy->linktype != frame->linktype) {
        pcapng_interface(&block, frame->linktype, "", NANOSECONDS);
        write_block(copy, &block);
        copy->linktype = frame->linktype;
        copy->interfaces++;
    }
    write_frame(copy, block, copy->interfaces - 1, frame->time_ns, frame);
}

void ss_capture_copy_frame(struct ss_capture_copy *copy, const struct ss_capture_file *file,
                           const struct ss_capture_frame *frame)
{
    struct ss_capture_block block;
    if (file && ss_capture_file_block(file, &block))
        copy_block(copy, &block, frame);
    else
        add_frame(copy, frame);
    copy->comments_length = 0;
}

/* --- opening and closing ------------------------------------------------------------------------
 */

bool ss_capture_copy_can_be(const char *path)
{
    return ss_pcapng_is_name(path);
}

enum ss_status ss_capture_copy_open(const char *path, struct ss_capture_copy **copy,
                                    struct ss_problem *problem)
{
    struct ss_capture_copy *made = calloc(1, sizeof(*made));
    if (!made)
        return ss_problem_set(problem, SS_IO, "out of memory for the capture file");
    enum ss_status status = ss_output_file_open("the capture file", path, &made->file, problem);
    if (status == SS_OK)
        *copy = made;
    else
        free(made);
    return status;
}

struct ss_capture_hearer ss_capture_copy_begin(struct ss_capture_copy *copy)
{
    copy->has_section = false;
    copy->comments_length = 0;
    return (struct ss_capture_hearer){.take = hear, .context = copy};
}

void ss_capture_copy_flush(struct ss_capture_copy *copy)
{
    if (copy->file.error)
        return;
    errno = 0;
    ss_output_file_remember(&copy->file, fflush(copy->file.out) == 0);
}

/* A file without any frame is one all the same. */
enum ss_status ss_capture_copy_close(struct ss_capture_copy *copy, struct ss_problem *problem)
{
    if (!copy->has_any)
        write_section(copy);
    ss_output_file_close(&copy->file);
    enum ss_status status = ss_output_file_ended(&copy->file, problem);
    free(copy);
    return status;
}
