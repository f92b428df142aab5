namespace Wombat.Domain.Databases;

/// <summary>Why a provider cannot do what a spec asks for.</summary>
/// <param name="Field">The field of the request, such as <c>tier</c>.</param>
/// <param name="Prevents">Whether it prevents the request; otherwise it is a warning, such as a limit that is not enforced.</param>
public sealed record DatabaseObjection(string Field, string Message, bool Prevents = true);
