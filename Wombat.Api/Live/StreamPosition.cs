using System.Globalization;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>What a stream is asked for: where it goes on, and nothing that belongs to pages.</summary>
internal static class StreamPosition
{
    /// <exception cref="InvalidInputException">One of them is given: a stream would quietly go beyond it.</exception>
    public static void EnsureNoPage(int? limit, string? sort = null)
    {
        EnsureNoPage("limit", limit);
        EnsureNoPage("sort", sort);
    }

    /// <inheritdoc cref="EnsureNoPage(int?, string?)" />
    public static void EnsureNoPage(string name, object? value)
    {
        if (value is not null)
        {
            throw new InvalidInputException(name, "applies to pages only, not to a stream");
        }
    }

    /// <summary>Last-Event-ID, which a reconnecting reader sends, over the query's start.</summary>
    public static long? Of(HttpContext http, long? start)
    {
        var header = http.Request.Headers["Last-Event-ID"].ToString();
        return header.Length == 0 ? start
            : long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position
            : throw new InvalidInputException("Last-Event-ID", "must be a whole number, the last id received");
    }
}
