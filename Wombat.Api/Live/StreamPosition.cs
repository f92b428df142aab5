using System.Globalization;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>Parses the start position of a stream and rejects paging parameters.</summary>
internal static class StreamPosition
{
    /// <exception cref="InvalidInputException">A paging parameter is given, which a stream would ignore.</exception>
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

    /// <summary>The position from Last-Event-ID, which reconnecting clients send; otherwise from the query.</summary>
    public static long? Of(HttpContext http, long? start)
    {
        var header = http.Request.Headers["Last-Event-ID"].ToString();
        return header.Length == 0 ? start
            : long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position
            : throw new InvalidInputException("Last-Event-ID", "must be the last received id, a whole number");
    }
}
