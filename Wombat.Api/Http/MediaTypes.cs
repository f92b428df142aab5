using Microsoft.Net.Http.Headers;

namespace Wombat.Api.Http;

/// <summary>Chooses the form of an answer by the request's Accept header (RFC 9110, section 12.5.1).</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string EventStream = "text/event-stream";
    public const string NewlineDelimitedJson = "application/x-ndjson";
    public const string PlainText = "text/plain";
    public const string Yaml = "application/yaml";

    /// <summary>
    /// The offer that the Accept header prefers: by q-value, then by specificity, then by the order in the header. The first offer if the
    /// header is absent or accepts none.
    /// </summary>
    public static string Preferred(HttpContext http, params ReadOnlySpan<string> offers)
    {
        var header = http.Request.Headers.Accept;
        var (best, chosen) = ((Quality: 0d, Exactness: 0, Order: 0), offers[0]);
        if (header.Count == 0 || !MediaTypeHeaderValue.TryParseList(header, out var ranges))
        {
            return chosen;
        }

        foreach (var offer in offers)
        {
            var rank = Rank(ranges, offer);
            if (rank.Quality > 0 && rank.CompareTo(best) > 0)
            {
                (best, chosen) = (rank, offer);
            }
        }

        return chosen;
    }

    // The most exact range that matches decides on the q-value. Earlier in the header is greater.
    private static (double Quality, int Exactness, int Order) Rank(IList<MediaTypeHeaderValue> ranges, string offer)
    {
        var type = new MediaTypeHeaderValue(offer);
        var rank = (Quality: 0d, Exactness: 0, Order: 0);
        for (var i = 0; i < ranges.Count; i++)
        {
            var range = ranges[i];
            var exactness =
                range.MatchesAllTypes ? 1
                : range.MatchesAllSubTypes ? 2
                : 3;
            if (exactness > rank.Exactness && Matches(range, type))
            {
                rank = (range.Quality ?? 1, exactness, -i);
            }
        }

        return rank;
    }

    // Parameters such as a charset do not matter: each offer has one form only.
    private static bool Matches(MediaTypeHeaderValue range, MediaTypeHeaderValue type) =>
        range.MatchesAllTypes
        || range.Type.Equals(type.Type, StringComparison.OrdinalIgnoreCase)
            && (range.MatchesAllSubTypes || range.SubType.Equals(type.SubType, StringComparison.OrdinalIgnoreCase));
}
