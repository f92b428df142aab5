namespace Wombat.Application.Access;

/// <summary>A message about one account: its user may send it, and admins.</summary>
public interface IUserScoped
{
    Guid UserId { get; }
}
