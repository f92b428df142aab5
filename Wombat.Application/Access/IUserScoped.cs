namespace Wombat.Application.Access;

/// <summary>A message about one account; its user and admins may send it.</summary>
public interface IUserScoped
{
    Guid UserId { get; }
}
