using System.Text.RegularExpressions;

namespace Wombat.Forge.Pve;

/// <summary>An error of the Proxmox VE API.</summary>
internal sealed partial class PveException(PveFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    private const int MaxAttempts = 30;

    public PveFailure Failure { get; } = failure;

    /// <summary>Whether the same call is likely to succeed after a short delay.</summary>
    public bool IsTransient => Failure is PveFailure.Locked or PveFailure.NoResponse;

    /// <summary>Whether a call to a guest may be repeated, on the node where the guest is then.</summary>
    /// <param name="attempt">From 1.</param>
    public bool MayRepeat(int attempt) => attempt < MaxAttempts && (IsTransient || Failure == PveFailure.NotOnNode);

    /// <summary>Waits before the call is repeated.</summary>
    public async Task PauseAsync(CancellationToken cancel)
    {
        await Console.Error.WriteLineAsync($"{Message}; retrying");
        await Task.Delay(PveGuests.RetryDelay, cancel);
    }

    public static PveException FromResponse(int status, string message) => new(Classify(status, message), message);

    public static PveFailure Classify(int status, string text)
    {
        bool Contains(params string[] words) => words.Any(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));
        return status switch
        {
            401 or 403 => PveFailure.NotAuthorized,
            400 or 501 or 506 => PveFailure.Invalid,
            429 or 502 or 503 or 504 => PveFailure.NoResponse,
            >= 595 => PveFailure.Unreachable,
            _ when IdTakenRegex().IsMatch(text) => PveFailure.Exists,
            _ when NotOnNodeRegex().IsMatch(text) => PveFailure.NotOnNode,
            _ when Contains("is locked", "got timeout", "can't lock file", "detected modified configuration") => PveFailure.Locked,
            _ when Contains("no quorum") => PveFailure.Unreachable,
            _ when Contains("no space left", "not enough space", "not enough free space", "out of space", "disk full") => PveFailure.Full,
            _ when Contains("snapshot feature is not available") => PveFailure.NoSnapshots,
            _ when Contains("is not most recent snapshot", "incomplete snapshot") => PveFailure.Conflict,
            _ when Contains("protection mode enabled", "does not support container directories", "CT uses local storage") =>
                PveFailure.Invalid,
            _ => PveFailure.Other,
        };
    }

    /// <summary>The exception with the exit code for this failure.</summary>
    public ForgeException ToForgeException() =>
        new(
            Failure switch
            {
                PveFailure.Exists or PveFailure.Conflict => ExitCode.Conflict,
                PveFailure.Locked or PveFailure.Unreachable or PveFailure.NoResponse or PveFailure.NotOnNode => ExitCode.Unavailable,
                PveFailure.NotAuthorized => ExitCode.NotAuthorized,
                PveFailure.Invalid or PveFailure.NoSnapshots => ExitCode.Usage,
                PveFailure.Full => ExitCode.Capacity,
                _ => ExitCode.Failed,
            },
            Failure == PveFailure.NoSnapshots
                ? $"the storage of the container does not support snapshots (Proxmox VE: {Message.Trim()})"
                : $"Proxmox VE: {Message}",
            this
        );

    /// <summary>Does the work, and turns errors of the API into those of forge.</summary>
    public static async Task<T> TranslateAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (PveException e)
        {
            throw e.ToForgeException();
        }
    }

    [GeneratedRegex(
        @"\b(?:CT|VM) \d+ already exists\b|\bunable to create (?:CT|VM) \d+: config file already exists\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex IdTakenRegex();

    [GeneratedRegex(@"^\s*Configuration file '[^']*' does not exist\s*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NotOnNodeRegex();
}
