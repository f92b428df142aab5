using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>The outcome of a contact with a host.</summary>
/// <param name="Problem">One sentence; null if Wombat could sign in.</param>
public sealed record SshContact(SshHostState State, string? Problem)
{
    public static readonly SshContact KeyChanged = new(SshHostState.KeyChanged, "The host shows other host keys than the accepted ones.");

    public static readonly SshContact Unverified = new(SshHostState.Unverified, "No admin has accepted the host keys of the host.");

    /// <summary>Whether Wombat has signed in, though the account executes nothing.</summary>
    public bool IsSignedIn { get; init; }

    /// <summary>The outcome of the contact with its jump host, if that is why the host was not reached.</summary>
    public SshContact? Jump { get; init; }

    /// <summary>The code of an operation that needed the contact.</summary>
    public ErrorCode Code =>
        Cause.State is SshHostState.KeyChanged or SshHostState.Unverified ? ErrorCode.HostNotTrusted : ErrorCode.HostUnreachable;

    /// <summary>Whether a later attempt may succeed without anybody doing something.</summary>
    public bool IsTemporary => Cause.State == SshHostState.Unreachable;

    private SshContact Cause => Jump ?? this;

    /// <param name="jump">The name of its jump host; null for none.</param>
    public static SshContact Unreachable(string address, int port, string? jump) =>
        new(
            SshHostState.Unreachable,
            $"{address} does not answer as an SSH server on port {port}{(jump is null ? "" : $" through the jump host {jump}")}."
        );

    /// <param name="name">The name of the jump host.</param>
    /// <param name="jump">The outcome of the contact with it.</param>
    public static SshContact WithoutJump(string name, SshContact jump) =>
        new(SshHostState.Unreachable, $"The jump host {name} cannot be used: {ReasonOf(jump.State)}") { Jump = jump };

    // Its address, account and messages are only for those who see the jump host.
    private static string ReasonOf(SshHostState state) =>
        state switch
        {
            SshHostState.KeyChanged => "it shows other host keys than the accepted ones.",
            SshHostState.Unverified => "no admin has accepted its host keys.",
            SshHostState.LoginRefused => "it does not let Wombat in.",
            _ => "it does not answer.",
        };
}
