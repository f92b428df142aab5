using System.Text.RegularExpressions;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Classifies error messages of CLIs that always exit with the same code.</summary>
internal static partial class CliErrorText
{
    /// <param name="id">The container's id; null if unknown.</param>
    /// <param name="name">The container's name.</param>
    public static ExternalFailure Classify(string text, string? id, string? name)
    {
        bool Says(params string[] words) => words.Any(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));
        return Says("already exists", "already in use") ? ExternalFailure.Conflict
            : SaysThatItIsAbsent(text, id, name) ? ExternalFailure.NotFound
            : GatewayRegex().IsMatch(text)
            || Says("timed out", "timeout", "unavailable", "connection refused", "is locked", "no quorum", "try again")
                ? ExternalFailure.Unavailable
            : ExternalFailure.Unknown;
    }

    // Messages such as "no such volume" or "node pve2 does not exist" concern other objects; the container may exist.
    private static bool SaysThatItIsAbsent(string text, string? id, string? name) =>
        text.Split('\n')
            .Any(l =>
                AbsentRegex().Match(l) is { Success: true } match
                && match.Groups["id"] is { Success: true, Value: var about }
                && (about == id || about == name)
            );

    [GeneratedRegex(
        @"^(?:error:\s*)?(?:(?:the )?(?:container|ct|vm|guest|instance|machine)\s+['""]?(?<id>[^\s'"":]+)['""]?\s*:?\s+(?:does not exist|(?:was |is )?not found)|no such (?:container|ct|vm|guest|instance|machine)\s*:?\s+['""]?(?<id>[^\s'"":]+?)['""]?|configuration file '[^']*/(?<id>[0-9]+)\.conf' does not exist)[.!]?\s*\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex AbsentRegex();

    [GeneratedRegex(
        @"\b(?:429|502|503|504)\b|bad gateway|gateway time-?out|service unavailable|too many requests",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking
    )]
    private static partial Regex GatewayRegex();
}
