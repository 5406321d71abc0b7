-- What a reviewer is shown beside the text: how far a decision has come.

-- Approvals that stand, and how many are needed, by the rules of four_eyes.sql, for who may see the campaign.
CREATE OR REPLACE FUNCTION approvals_of(p_campaign int, OUT standing int, OUT needed int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM must_see((SELECT c.workspace_id FROM campaign c WHERE c.id = p_campaign), 'campaign ' || p_campaign);
  standing := approvals_standing(p_campaign);
  needed := approvals_needed(p_campaign);
END $$;

GRANT EXECUTE ON FUNCTION approvals_of(int) TO countersign_portal;
