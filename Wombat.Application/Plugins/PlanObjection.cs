namespace Wombat.Application.Plugins;

/// <summary>One thing that prevents or weakens a request.</summary>
/// <param name="Field">The field of the request, or plugin.</param>
/// <param name="Message">What it is, for people.</param>
/// <param name="Prevents">Whether it prevents the request; otherwise it is a warning.</param>
public sealed record PlanObjection(string Field, string Message, bool Prevents = true);
