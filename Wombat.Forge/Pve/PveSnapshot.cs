using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Wombat.Forge.Pve;

/// <summary>A snapshot of a guest. What Proxmox VE does not store is in its description, among what people write there.</summary>
/// <param name="Request">The caller's name for the request that made it.</param>
/// <param name="State">Why it cannot be used, such as prepare; null if it is complete.</param>
internal sealed partial record PveSnapshot(string Name, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, string? Request, string? State)
{
    private const string CreatedPrefix = "wombat-created: ";
    private const string ExpiresPrefix = "wombat-expires: ";
    private const string RequestPrefix = "wombat-request: ";

    /// <summary>How Proxmox VE calls the present state of a guest, and the snapshot that exists while a backup is made.</summary>
    private static readonly string[] Reserved = ["current", "vzdump"];

    /// <exception cref="ForgeException">Usage: Proxmox VE does not accept the name.</exception>
    public static void EnsureName(string name)
    {
        if (!NameForm().IsMatch(name) || IsReserved(name))
        {
            throw new ForgeException(
                ExitCode.Usage,
                $"--snapshot: '{name}' must be 2 to 40 letters, digits, _ and -, beginning with a letter, and not "
                    + string.Join(" or ", Reserved)
            );
        }
    }

    /// <summary>Null for an entry of the list that is no snapshot.</summary>
    public static PveSnapshot? Read(JsonElement element)
    {
        var description = PveGuests.GetText(element, "description") ?? "";
        return PveGuests.GetText(element, "name") is { } name && !IsReserved(name)
            ? new PveSnapshot(
                name,
                Time(PveNotes.Find(description, CreatedPrefix)) ?? MadeAt(element),
                Time(PveNotes.Find(description, ExpiresPrefix)),
                PveNotes.Find(description, RequestPrefix),
                PveGuests.GetText(element, "snapstate")
            )
            : null;
    }

    /// <summary>The description from which <see cref="Read"/> reads it again.</summary>
    public string Describe()
    {
        (string Prefix, string? Value)[] lines =
        [
            (CreatedPrefix, Snapshot.Text(CreatedAt)),
            (ExpiresPrefix, ExpiresAt is { } expiry ? Snapshot.Text(expiry) : null),
            (RequestPrefix, Request),
        ];
        return string.Join('\n', lines.Where(l => l.Value is not null).Select(l => l.Prefix + l.Value));
    }

    /// <summary>Whether it was made by the same request, or by the same call of forge.</summary>
    public bool IsMadeLike(PveSnapshot other) => Request is not null && Request == other.Request || CreatedAt == other.CreatedAt;

    public Snapshot ToSnapshot() => new(Name, CreatedAt, ExpiresAt, null);

    private static bool IsReserved(string name) => Reserved.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;

    private static DateTimeOffset MadeAt(JsonElement element) =>
        int.TryParse(PveGuests.GetText(element, "snaptime"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : DateTimeOffset.UnixEpoch;

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_-]{1,39}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameForm();
}
