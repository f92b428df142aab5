namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The read-only state of an instance.</summary>
/// <param name="Reason">Shown to users.</param>
internal sealed record Freeze(FreezeCause Cause, string Reason);
