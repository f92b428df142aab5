using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Members;
using Wombat.Domain.Projects;
using Wombat.Domain.Users;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class MemberConfiguration : IEntityTypeConfiguration<Member>
{
    public void Configure(EntityTypeBuilder<Member> builder)
    {
        builder.ToTable("members", t => t.HasCheckConstraint("ck_members_role", "role in ('viewer', 'developer', 'project_manager')"));

        // The order of a user's project list.
        builder.HasKey(m => new { m.UserId, m.ProjectId }).HasName("pk_members");
        builder.Property(m => m.Source).HasMaxLength(63);
        builder.HasIndex(m => m.ProjectId).HasDatabaseName("ix_members_project");
        builder
            .HasOne<User>()
            .WithMany()
            .HasForeignKey(m => m.UserId)
            .HasConstraintName("fk_members_user")
            .OnDelete(DeleteBehavior.Restrict);
        builder
            .HasOne<Project>()
            .WithMany()
            .HasForeignKey(m => m.ProjectId)
            .HasConstraintName("fk_members_project")
            .OnDelete(DeleteBehavior.Cascade);
    }
}
