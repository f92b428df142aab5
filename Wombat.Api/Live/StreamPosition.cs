using System.Globalization;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>Where a stream goes on: Last-Event-ID, which a reconnecting reader sends, over the query's start.</summary>
internal static class StreamPosition
{
    public static long? Of(HttpContext http, long? start)
    {
        var header = http.Request.Headers["Last-Event-ID"].ToString();
        return header.Length == 0 ? start
            : long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position
            : throw new InvalidInputException("Last-Event-ID", "must be a whole number, the last id received");
    }
}
