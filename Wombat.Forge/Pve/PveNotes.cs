namespace Wombat.Forge.Pve;

/// <summary>
/// The description of a guest, whose lines that begin with <c>wombat-</c> belong to forge. All other lines belong to people and stay.
/// </summary>
internal sealed record PveNotes(string Text)
{
    private const string KeyPrefix = "wombat-key: ";
    private const string RestoringPrefix = "wombat-restoring: ";
    private const string RestoredPrefix = "wombat-restored: ";
    private const string Unfinished = "wombat-unfinished";

    /// <summary>The notes of a new guest. They mark an unfinished one, so that an interrupted create is continued.</summary>
    public static PveNotes New(string key, bool isFinished) => new(isFinished ? KeyPrefix + key : $"{KeyPrefix}{key}\n{Unfinished}");

    public string? Key => Find(KeyPrefix);

    public bool IsFinished => !Lines(Text).Contains(Unfinished, StringComparer.Ordinal);

    /// <summary>The restore that has begun; null if none is under way.</summary>
    public PendingRestore? Pending => PendingRestore.Read(Find(RestoringPrefix));

    /// <summary>The caller's name for the last restore that was completed.</summary>
    public string? Restored => Find(RestoredPrefix);

    public PveNotes WithPending(PendingRestore? pending) => With(RestoringPrefix, pending?.ToString());

    public PveNotes WithRestored(string request) => With(RestoredPrefix, request);

    /// <summary>The value of the first line with a prefix; null if there is none.</summary>
    public static string? Find(string text, string prefix) =>
        Lines(text).FirstOrDefault(l => l.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];

    private string? Find(string prefix) => Find(Text, prefix);

    private PveNotes With(string prefix, string? value)
    {
        var kept = Text.TrimEnd('\n').Split('\n').Where(l => !l.TrimStart().StartsWith(prefix, StringComparison.Ordinal));
        return new PveNotes(string.Join('\n', value is null ? kept : [.. kept, prefix + value]));
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries);
}
