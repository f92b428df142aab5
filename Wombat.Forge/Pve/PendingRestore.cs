namespace Wombat.Forge.Pve;

/// <summary>
/// A restore that has begun. A rollback stops the guest and gives it the sizes of the time of the snapshot, so what it had before is
/// recorded first.
/// </summary>
/// <param name="Request">The caller's name for the request.</param>
/// <param name="IsRolledBack">Whether only its sizes and its start are left to do.</param>
/// <param name="Disk">The size of the root file system as Proxmox VE writes it, such as <c>8G</c>.</param>
internal sealed record PendingRestore(string? Request, bool IsRolledBack, bool WasRunning, string? Cores, string? Memory, string? Disk)
{
    private const string None = ".";
    private const string RolledBack = "rolled-back";
    private const string Running = "running";

    /// <summary>Null if the text has another form.</summary>
    public static PendingRestore? Read(string? text) =>
        text?.Split(' ') is [var request, var step, var state, var cores, var memory, var disk]
            ? new PendingRestore(Value(request), step == RolledBack, state == Running, Value(cores), Value(memory), Value(disk))
            : null;

    public override string ToString() =>
        string.Join(
            ' ',
            Request ?? None,
            IsRolledBack ? RolledBack : "begun",
            WasRunning ? Running : "stopped",
            Cores ?? None,
            Memory ?? None,
            Disk ?? None
        );

    private static string? Value(string text) => text == None ? null : text;
}
