namespace Wombat.Application.Resources;

/// <summary>A field that a change would give another value.</summary>
/// <param name="From">The present value; null for none.</param>
/// <param name="To">The value after the change; null for none.</param>
public sealed record PlannedChange(string Field, string? From, string? To);
