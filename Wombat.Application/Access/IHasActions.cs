namespace Wombat.Application.Access;

/// <summary>An answer that lists what the caller can do with it.</summary>
public interface IHasActions
{
    /// <summary>The names of the allowed actions; null if they are not computed.</summary>
    string[]? Actions { get; set; }
}
