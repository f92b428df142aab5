namespace Wombat.Forge.Pve;

/// <summary>A refusal or failure of the API, sorted by its text.</summary>
internal sealed class PveException(PveFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public PveFailure Failure { get; } = failure;

    public static PveException Of(int status, string message) => new(Sort(status, message), message);

    public static PveFailure Sort(int status, string text)
    {
        bool Says(params string[] words) => words.Any(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));
        return status switch
        {
            401 or 403 => PveFailure.Refused,
            400 or 501 or 506 => PveFailure.Invalid,
            >= 595 => PveFailure.Unreachable,
            _ when Says("already exists", "config file already exists") => PveFailure.Exists,
            _ when Says("does not exist", "no such") => PveFailure.Missing,
            _ when Says("is locked", "got timeout", "can't lock file") => PveFailure.Locked,
            _ when Says("already running", "not running") => PveFailure.AlreadyAsWished,
            _ when Says("no quorum") => PveFailure.Unreachable,
            _ when Says("no space", "not enough", "out of space", "disk full") => PveFailure.Full,
            _ when Says("protection mode", "does not support") => PveFailure.Invalid,
            _ => PveFailure.Other,
        };
    }

    /// <summary>As forge ends by it.</summary>
    public ForgeException ToForge() => new(
        Failure switch
        {
            PveFailure.Exists => ExitCode.Conflict,
            PveFailure.Missing => ExitCode.NotFound,
            PveFailure.Locked or PveFailure.Unreachable or PveFailure.Unheard => ExitCode.Unavailable,
            PveFailure.Refused => ExitCode.NotAuthorized,
            PveFailure.Invalid => ExitCode.Usage,
            PveFailure.Full => ExitCode.Capacity,
            _ => ExitCode.Failed,
        },
        $"Proxmox VE: {Message}",
        this);
}
